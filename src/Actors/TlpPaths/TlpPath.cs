using PcieFabric.Engine;

namespace PcieFabric.TlpPaths;

/// <summary>
/// Follows transactions through the fabric: which actors a request passed, when, and how its completions came back. It watches what the engine
/// delivers and changes nothing; what it saw is the same for every number of partitions and threads.
/// </summary>
/// <example><code>
/// var path = TlpPath.Follow(fabric.Engine, new AddressRange(bar, 4096));
/// fabric.Engine.Run();
/// Console.WriteLine(path);                                       // every hop with its time
/// Assert.DoesNotContain("host0", path.RequestActors);           // the root complex never saw it
/// </code></example>
public sealed class TlpPath
{
    private readonly DeterministicEngine _engine;
    private readonly List<Tap> _taps = [];
    private readonly Func<Tlp, bool> _isFollowed;

    private TlpPath(DeterministicEngine engine, Func<Tlp, bool> isFollowed)
    {
        (_engine, _isFollowed) = (engine, isFollowed);
        engine.Observe(_ =>
        {
            var tap = new Tap(this);
            _taps.Add(tap);
            return tap;
        });
    }

    /// <summary>Follows memory requests whose address is in the range, and what completes them, from now on.</summary>
    public static TlpPath Follow(DeterministicEngine engine, AddressRange addresses) =>
        new(engine, request => request.IsMemoryRequest && addresses.Contains(request.Address));

    /// <summary>Follows the requests with one transaction ID, and what completes them, from now on.</summary>
    public static TlpPath Follow(DeterministicEngine engine, Bdf requester, ushort tag) =>
        new(engine, request => request.Requester == requester && request.Tag == tag);

    /// <summary>Follows the requests that a condition picks, and what completes them, from now on.</summary>
    /// <param name="isFollowed">Must depend on the request alone: it is asked from several threads.</param>
    public static TlpPath Follow(DeterministicEngine engine, Func<Tlp, bool> isFollowed) => new(engine, isFollowed);

    /// <summary>The hops of the requests, in the engine's order. To be read while the engine stands still.</summary>
    public IReadOnlyList<TlpHop> Requests => [.. Ordered().Where(hop => hop.FlowControlClass != FlowControlClass.Completion)];

    /// <summary>The hops of the completions that answer them, in the engine's order.</summary>
    public IReadOnlyList<TlpHop> Completions
    {
        get
        {
            var transactions = new HashSet<(Bdf, ushort)>();
            var answers = new List<TlpHop>();
            foreach (var hop in Ordered())
            {
                var id = (hop.Requester, hop.Tag);
                if (hop.FlowControlClass == FlowControlClass.NonPosted) transactions.Add(id);
                else if (hop.FlowControlClass == FlowControlClass.Completion && transactions.Contains(id)) answers.Add(hop);
            }
            return answers;
        }
    }

    /// <summary>The actors that the requests reached, each once, in the order of the first arrival.</summary>
    public IReadOnlyList<string> RequestActors => [.. Requests.Select(hop => hop.To.Value).Distinct()];

    /// <inheritdoc cref="RequestActors"/>
    public IReadOnlyList<string> CompletionActors => [.. Completions.Select(hop => hop.To.Value).Distinct()];

    /// <summary>Hops beyond <see cref="Limits.FollowedHops"/> of one partition, which were not kept.</summary>
    public long Dropped => _taps.Sum(tap => tap.Dropped);

    public override string ToString() => string.Join('\n', Requests.Concat(Completions).OrderBy(hop => hop.At));

    /// <summary>A channel ends in one partition, so the place in its tap orders what one channel delivered at one time.</summary>
    private IEnumerable<TlpHop> Ordered()
    {
        foreach (var seen in _taps.SelectMany(tap => tap.Hops).OrderBy(seen => seen.AtPs).ThenBy(seen => seen.ChannelId))
        {
            var (sender, receiver) = _engine.Ends(seen.ChannelId);
            yield return new TlpHop(new SimTime(seen.AtPs), sender, receiver, seen.Type, seen.Requester, seen.Tag, seen.Address, seen.FlowControlClass);
        }
    }

    /// <summary>A payload does not outlive the delivery, so the TLP itself is not kept.</summary>
    private readonly record struct Seen(long AtPs, int ChannelId, TlpType Type, Bdf Requester, ushort Tag, ulong Address, FlowControlClass FlowControlClass);

    private sealed class Tap(TlpPath owner) : IMessageObserver
    {
        public List<Seen> Hops { get; } = [];

        public long Dropped { get; private set; }

        public void Delivered(ref readonly Message message, int channelId, int receiver)
        {
            if (!message.CarriesTlp) return;
            // A completion may come from another partition than its request, so which ones matter is decided on reading.
            ref readonly var tlp = ref message.Tlp;
            if (!tlp.IsCompletion && !owner._isFollowed(tlp)) return;
            if (Hops.Count == Limits.FollowedHops) Dropped++;
            else Hops.Add(new Seen(message.DeliveredAtPs, channelId, tlp.Type, tlp.Requester, tlp.Tag, tlp.IsMemoryRequest ? tlp.Address : 0, tlp.FlowControlClass));
        }
    }
}
