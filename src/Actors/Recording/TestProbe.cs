using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.Ports;

namespace PcieFabric.Recording;

/// <summary>
/// Stands in for any actor of a fabric, by path: gets its messages, keeps copies of them, and sends on its channels what a test wants. It behaves well on links:
/// buffers are free at once, and the sender is told so.
/// </summary>
/// <example><code>
/// var probe = TestProbe.StandInFor(fabric.Engine, "host0/rp0/card");
/// probe.OnTlp((p, got) => { if (got.Tlp.IsConfiguration) p.Send(Tlp.CompletionFor(got.Tlp, got.Tlp.Target, CompletionStatus.UnsupportedRequest)); });
/// </code></example>
public sealed class TestProbe : Actor
{
    /// <summary>No other actor's: "prob".</summary>
    private const int ScriptTimer = 0x626F7270;

    private readonly PayloadPool _kept = new();
    private readonly List<ProbedMessage> _received = [];
    private readonly List<Action<TestProbe>> _script = [];
    private readonly List<Action<TestProbe, ProbedMessage>> _reactions = [];
    private Channel[] _channels = [];
    private string[] _senderOfInlet = [];

    private TestProbe()
    {
    }

    /// <summary>Puts a probe into an actor's place. Before the fabric first runs.</summary>
    public static TestProbe StandInFor(DeterministicEngine engine, string path)
    {
        var probe = new TestProbe();
        var actorPath = new ActorPath(path);
        engine.StandIn(actorPath, probe);
        probe._channels = [.. engine.ChannelsFrom(actorPath).Where(c => c.Receiver.Path != actorPath)];
        var incoming = engine.Channels.Where(c => c.Receiver.Path == actorPath).ToList();
        probe._senderOfInlet = new string[incoming.Max(c => c.Inlet) + 1];
        foreach (var channel in incoming) probe._senderOfInlet[channel.Inlet] = channel.Sender.Path.Value;
        return probe;
    }

    /// <summary>Everything that came, in order; the probe's own script left out.</summary>
    public IReadOnlyList<ProbedMessage> Received => _received;

    /// <summary>The TLPs among what came.</summary>
    public IEnumerable<Tlp> Tlps => _received.Where(m => m.IsTlp).Select(m => m.Tlp);

    /// <summary>Whom the probe can send to, in the order of wiring.</summary>
    public IEnumerable<string> Neighbours => _channels.Select(c => c.Receiver.Path.Value).Distinct();

    public SimTime Now => new(Context.NowPs);

    /// <summary>Where payloads of TLPs to send come from.</summary>
    public PayloadPool Payloads => Context.Payloads;

    /// <summary>Do this whenever a TLP comes.</summary>
    public TestProbe OnTlp(Action<TestProbe, ProbedMessage> reaction)
    {
        _reactions.Add((probe, message) =>
        {
            if (message.IsTlp) reaction(probe, message);
        });
        return this;
    }

    /// <summary>Do this whenever anything comes.</summary>
    public TestProbe OnMessage(Action<TestProbe, ProbedMessage> reaction)
    {
        _reactions.Add(reaction);
        return this;
    }

    /// <summary>Do this at a time after now.</summary>
    public TestProbe At(SimTime time, Action<TestProbe> action)
    {
        _script.Add(action);
        Context.Schedule(time.Picoseconds - Context.NowPs, new Engine.Timer(ScriptTimer, (ulong)(_script.Count - 1)));
        return this;
    }

    /// <summary>Sends a TLP, whose payload changes owner.</summary>
    /// <param name="to">A neighbour's path; null for the one that was wired first, which of an endpoint is the port above it.</param>
    /// <param name="after">Until it arrives; null, or what is too little, for as soon as may be.</param>
    public void Send(in Tlp tlp, string? to = null, SimTime? after = null) => Send(Message.Of(in tlp), to, after);

    /// <inheritdoc cref="Send(in Tlp, string?, SimTime?)"/>
    public void Send(in Message message, string? to = null, SimTime? after = null)
    {
        var channel = ChannelTo(to, last: !message.CarriesTlp);
        channel.Tell(in message, Context.NowPs + Math.Max(channel.LookAheadPs, (after ?? SimTime.Zero).Picoseconds));
    }

    public override void Receive(ref readonly Message message)
    {
        if (message.Kind == MessageKind.Timer)
        {
            if (message.Read<Engine.Timer>() is { Id: ScriptTimer } timer) _script[(int)timer.Argument](this);
            return;
        }
        var from = _senderOfInlet[message.Inlet];
        var copy = message;
        if (message.CarriesTlp)
        {
            copy.Tlp = message.Tlp.Clone(_kept);
            if (message.Kind == MessageKind.Tlp) ReturnCredits(in message.Tlp, from);
            message.Tlp.Release(Context.Payloads);
        }
        var probed = new ProbedMessage(Now, from, copy);
        _received.Add(probed);
        foreach (var reaction in _reactions) reaction(this, probed);
    }

    private void ReturnCredits(in Tlp tlp, string to)
    {
        if (!_channels.Any(c => c.Receiver.Path.Value == to)) return;
        Send(Message.Of(MessageKind.CreditReturn, new CreditReturn(tlp.FlowControlClass, 1, CreditCounter.DataCredits(in tlp))), to);
    }

    /// <summary>Between neighbours TLPs have the channel that was wired first, and what overtakes them the one after it.</summary>
    private Channel ChannelTo(string? path, bool last)
    {
        var to = path ?? _channels.FirstOrDefault()?.Receiver.Path.Value;
        var channel = last ? Array.FindLast(_channels, c => c.Receiver.Path.Value == to) : Array.Find(_channels, c => c.Receiver.Path.Value == to);
        return channel ?? throw new InvalidOperationException($"{Context.Path} cannot send to '{to}'; its neighbours are {string.Join(", ", Neighbours)}");
    }
}
