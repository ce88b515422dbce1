using PcieFabric.EndpointControllers;
using PcieFabric.Endpoints;
using PcieFabric.Engine;

namespace PcieFabric.Experiments;

/// <summary>
/// A protocol analyser in front of one destination, a host's memory or an endpoint: sees what arrives and changes nothing. Its owner
/// is one host, which says what to watch before it lets anything of it be sent, so that a link lies between the two even if partitions do.
/// </summary>
internal sealed class AnalyserTap
{
    private readonly int? _inlet;
    private readonly HashSet<(Bdf Requester, ushort Tag)> _translations = [];
    private Watched _watched = Watched.Nothing;

    private AnalyserTap(int receiver, int? inlet) => (Receiver, _inlet) = (receiver, inlet);

    /// <summary>The destination's index among the engine's actors.</summary>
    public int Receiver { get; }

    /// <summary>In front of an endpoint, to which its own functions send too.</summary>
    public static AnalyserTap BeforeEndpoint(int receiver) => new(receiver, Endpoint.LinkInlet);

    /// <summary>In front of an endpoint controller, to which software of its functions sends too.</summary>
    public static AnalyserTap BeforeController(int receiver) => new(receiver, EndpointController.LinkInlet);

    public static AnalyserTap BeforeMemory(int receiver) => new(receiver, inlet: null);

    /// <summary>Watches these, and nothing else any more.</summary>
    /// <param name="completions">Of each requester, the data that it is sent.</param>
    public void Watch(IEnumerable<WriteStream> writes, IEnumerable<(Bdf Requester, ArrivalLog Log)> completions) => Volatile.Write(ref _watched, new Watched(
        writes.GroupBy(stream => stream.Requester).ToDictionary(group => group.Key, group => group.ToArray()),
        completions.ToDictionary(completion => completion.Requester, completion => completion.Log)));

    public bool IsWatching => Volatile.Read(ref _watched) != Watched.Nothing;

    public void WatchNothing() => Volatile.Write(ref _watched, Watched.Nothing);

    public void Delivered(ref readonly Message message)
    {
        if (message.Kind is not (MessageKind.Tlp or MessageKind.OwnTlp)) return;
        ref readonly var tlp = ref message.Tlp;
        if (_inlet is { } only && message.Inlet != only)
        {
            // What a function sends; the answer to a translation request carries no payload of the workload's.
            if (tlp.IsMemoryRequest && tlp.AddressType == AddressType.TranslationRequest) _translations.Add((tlp.Requester, tlp.Tag));
            return;
        }
        if (!tlp.HasData) return;
        var watched = Volatile.Read(ref _watched);
        if (tlp.IsCompletion)
        {
            if (_translations.Remove((tlp.Requester, tlp.Tag))) return;
            if (watched.Completions.TryGetValue(tlp.Requester, out var log)) log.Add(message.DeliveredAtPs, tlp.PayloadBytes);
            return;
        }
        if (!tlp.IsMemoryWrite || !watched.Writes.TryGetValue(tlp.Requester, out var streams)) return;
        foreach (var stream in streams)
        {
            if (!stream.Covers(tlp.Address)) continue;
            stream.Arrived(in tlp, message.DeliveredAtPs);
            return;
        }
    }

    private sealed record Watched(Dictionary<Bdf, WriteStream[]> Writes, Dictionary<Bdf, ArrivalLog> Completions)
    {
        public static readonly Watched Nothing = new([], []);
    }
}

/// <summary>The taps of one partition.</summary>
internal sealed class AnalyserTaps : IMessageObserver
{
    private readonly AnalyserTap?[] _byReceiver;

    public AnalyserTaps(IEnumerable<AnalyserTap> taps, int receivers)
    {
        _byReceiver = new AnalyserTap?[receivers];
        foreach (var tap in taps) _byReceiver[tap.Receiver] = tap;
    }

    public void Delivered(ref readonly Message message, int channelId, int receiver) => _byReceiver[receiver]?.Delivered(in message);

    public bool Watches(int receiver) => _byReceiver[receiver] is { IsWatching: true };
}
