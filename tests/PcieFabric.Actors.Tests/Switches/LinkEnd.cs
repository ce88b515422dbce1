using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.Memory;
using PcieFabric.Ports;
using Timer = PcieFabric.Engine.Timer;

namespace PcieFabric.Actors.Tests.Switches;

/// <summary>The other end of a switch's link, in a test's hands: it sends what it is told when it is told, and gives credits back when it is told.</summary>
internal sealed class LinkEnd(LinkSettings link, bool partnerCutsThrough) : Actor, IPortOwner
{
    public const int LinkInlet = 1;

    private readonly List<Action> _script = [];
    private readonly List<Tlp> _held = [];
    private readonly bool[] _holds = new bool[3];
    private ActorRef? _tlps;

    public LinkPort Link { get; private set; } = null!;

    /// <summary>When the head came, what, and how long after it the tail.</summary>
    public List<(long AtPs, Tlp Tlp, long TailPs)> Received { get; } = [];

    public IEnumerable<ushort> Tags => Received.Select(r => r.Tlp.Tag);

    public PayloadPool Payloads => Context.Payloads;

    public void Connect(ActorRef tlps, ActorRef dllps)
    {
        _tlps = tlps;
        Link.Connect(tlps, dllps);
    }

    /// <summary>Before the run.</summary>
    public void At(SimTime time, Action action)
    {
        _script.Add(action);
        Context.Schedule(time.Picoseconds - Context.NowPs, new Timer(0, (ulong)_script.Count - 1));
    }

    public void Send(Tlp tlp) => Link.Send(in tlp, 0, Context.NowPs);

    /// <summary>Past the flow control.</summary>
    public void SendUnasked(Tlp tlp) => _tlps!.Tell(Message.Of(in tlp), Context.NowPs + link.Propagation.Picoseconds);

    /// <summary>Gives no credits of the class back until <see cref="Free"/>.</summary>
    public void Hold(FlowControlClass flowControlClass) => _holds[(int)flowControlClass] = true;

    public void Free(FlowControlClass flowControlClass)
    {
        _holds[(int)flowControlClass] = false;
        foreach (var tlp in _held.Where(t => t.FlowControlClass == flowControlClass)) Link.Freed(in tlp, Context.NowPs);
        _held.RemoveAll(t => t.FlowControlClass == flowControlClass);
    }

    protected override void Started() => Link = new LinkPort(this, link, partnerCutsThrough);

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Timer:
                _script[(int)message.Read<Timer>().Argument]();
                break;
            case MessageKind.CreditReturn:
                Link.Transmitter.Returned(message.Read<CreditReturn>(), Context.NowPs);
                break;
            default:
                Take(in message);
                break;
        }
    }

    private void Take(ref readonly Message message)
    {
        var tlp = message.Tlp;
        Link.Received(in tlp, Context.NowPs);
        Received.Add((Context.NowPs, tlp, message.TailPs));
        if (_holds[(int)tlp.FlowControlClass]) _held.Add(tlp);
        else Link.Freed(in tlp, Context.NowPs);
        tlp.Release(Context.Payloads);
    }

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
    }
}
