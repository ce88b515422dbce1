using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Switches;

/// <summary>A switch's downstream port. Peer 0 is the upstream port, the others are downstream ports like itself, itself at its own place.</summary>
public sealed class DownstreamPort : DownstreamFacingPort
{
    private readonly PeerGuardCapability? _guardRegisters;

    private readonly bool[] _wires = new bool[4];

    /// <summary>What goes across must be looked at: the only price of access control where nobody uses it.</summary>
    private bool _isControlled;

    public DownstreamPort(BridgePortSettings settings)
        : base(settings)
    {
        _guardRegisters = Layout.Find<PeerGuardCapability>();
        if (_guardRegisters is not null) Guard = new PeerGuard { IsEnabled = true };
        _isControlled = Guard is not null;
    }

    /// <summary>The allow-list of function pairs; null where the topology has none. To be read when the engine stands still.</summary>
    public PeerGuard? Guard { get; }

    /// <summary>Upwards, or across to a peer that claims the address or the bus.</summary>
    protected override void FromLink(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        if (tlp.IsCompletion) Complete(in message);
        else if (_isControlled && !Access.Admits(in tlp, Claimed)) Reject(in tlp, UncorrectableError.AcsViolation, Own);
        else if (tlp.IsMessage) Hear(in message);
        else if (!MayPassUp(in tlp)) Reject(in tlp, UncorrectableError.UnsupportedRequest, Own);
        else Across(Routes.ByAddress(tlp.Address), in message);
    }

    protected override void AccessChanged() => _isControlled = !Access.IsOff || Guard is not null;

    protected override void Configured(ConfigWriteEffect effect)
    {
        base.Configured(effect);
        if (_guardRegisters is { } registers && effect.Has(Concerns.VendorSpecific)) Load(Guard!, registers, effect);
        if (effect.Has(Concerns.Reset)) ResetGuard();
    }

    private protected override bool TryFindWay(TrainRoute route, out int peer)
    {
        peer = UpstreamPort.Peer;
        var sample = route.Sample;
        if (Guard is not null || !Access.Admits(in sample, Claimed) || !MayPassUp(route.Range) || !Routes.TryFind(route.Range, out var claimant)) return false;
        if (claimant == RouteTable.None) return true;
        var routing = Access.RouteRequest(in sample, PortNumberOf(claimant));
        if (routing == PeerRouting.Direct) peer = claimant;
        return routing != PeerRouting.Violation;
    }

    private protected override bool TryFindWayBack(TrainRoute route, out int peer)
    {
        var sample = route.Sample;
        var claimant = Routes.ByBus(sample.Requester.Bus);
        peer = claimant != RouteTable.None && Access.RouteCompletion(in sample) == PeerRouting.Direct ? claimant : UpstreamPort.Peer;
        return Guard is null && (claimant != RouteTable.None || MayPassUpCompletion(route.Sample));
    }

    protected override void SendTowardsRoot(ref readonly Tlp message) => OwnToPeer(UpstreamPort.Peer, in message);

    /// <summary>From above: the port's own registers too.</summary>
    protected override void Reset()
    {
        Space.Reset(ConfigSpaces.ResetKind.Conventional);
        UpdateRoute();
        UpdateAccess();
        ResetGuard();
        LeaveLink(hotReset: true);
        Link.Train(Context.NowPs);
    }

    /// <summary>What is below can no longer say that it does not interrupt (PCIe 6.0 section 2.2.8.1).</summary>
    protected override void LinkWentDown(bool isHotReset)
    {
        base.LinkWentDown(isHotReset);
        for (var wire = 0; wire < _wires.Length; wire++) Drive(wire, false);
    }

    private void Across(int peer, ref readonly Message message)
    {
        if (peer == RouteTable.None) ToPeer(UpstreamPort.Peer, in message);
        else if (!_isControlled) ToPeer(peer, in message);
        else AcrossControlled(peer, in message);
    }

    private void AcrossControlled(int peer, ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        switch (Access.RouteRequest(in tlp, PortNumberOf(peer)))
        {
            case PeerRouting.Redirected:
                ToPeer(UpstreamPort.Peer, in message);
                break;
            case PeerRouting.Violation:
                Reject(in tlp, UncorrectableError.AcsViolation, Own);
                break;
            default:
                if (Guard is null || Guard.Admits(in tlp)) ToPeer(peer, in message);
                else Refuse(in tlp);
                break;
        }
    }

    private void Refuse(ref readonly Tlp request)
    {
        Space[_guardRegisters!.Refused] = (uint)Guard!.TotalRefused;
        Reject(in request, UncorrectableError.UnsupportedRequest, Own);
    }

    private void Load(PeerGuard guard, PeerGuardCapability registers, ConfigWriteEffect effect)
    {
        var (one, other) = registers.Pair(Space);
        guard.IsEnabled = Space[registers.Enable];
        if (effect.Starts(registers.Clear)) guard.Clear();
        if (effect.Starts(registers.AddFunction)) guard.AddFunction(one, registers.Range(Space));
        if (effect.Starts(registers.Allow)) guard.Allow(one, other);
        if (effect.Starts(registers.Revoke)) guard.Revoke(one, other);
    }

    /// <summary>A reset leaves the guard on, and empty.</summary>
    private void ResetGuard()
    {
        Guard?.Clear();
        if (Guard is not null) Guard.IsEnabled = true;
    }

    private void Complete(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        var peer = Routes.ByBus(tlp.Requester.Bus);
        if (peer != RouteTable.None && Access.RouteCompletion(in tlp) == PeerRouting.Direct) ToPeer(peer, in message);
        else if (peer == RouteTable.None && !MayPassUpCompletion(in tlp)) Reject(in tlp, UncorrectableError.UnexpectedCompletion, Own);
        else ToPeer(UpstreamPort.Peer, in message);
    }

    /// <summary>Downstream ports are numbered from zero, behind the upstream port in the list of peers.</summary>
    private static int PortNumberOf(int peer) => peer - 1;

    private void Hear(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        var code = (MessageCode)tlp.MessageCode;
        if (code is >= MessageCode.Assert_INTA and <= MessageCode.Deassert_INTD)
        {
            Drive(code - MessageCode.Assert_INTA & 3, code < MessageCode.Deassert_INTA);
            Consume(in tlp);
            return;
        }
        var isError = code is MessageCode.ERR_COR or MessageCode.ERR_NONFATAL or MessageCode.ERR_FATAL;
        if (isError && !PassesError(code)) Consume(in tlp);
        else if (tlp.Routing is MessageRouting.ToRootComplex or MessageRouting.GatheredToRootComplex) ToPeer(UpstreamPort.Peer, in message);
        else if (tlp.Routing == MessageRouting.ById) Across(Routes.ByBus(tlp.Target.Bus), in message);
        else if (tlp.Routing == MessageRouting.ByAddress) Across(Routes.ByAddress(tlp.Address), in message);
        else if (tlp.Routing == MessageRouting.Local) Consume(in tlp);
        else Reject(in tlp, UncorrectableError.MalformedTlp, Own);
    }

    /// <summary>INTx travels as two messages that set and clear a wire; which wire depends on this port's device number (PCIe 6.0 table 2-20).</summary>
    private void Drive(int wire, bool asserted)
    {
        if (_wires[wire] == asserted) return;
        _wires[wire] = asserted;
        var mapped = (wire + Settings.Device) & 3;
        var code = (byte)((int)(asserted ? MessageCode.Assert_INTA : MessageCode.Deassert_INTA) + mapped);
        OwnToPeer(UpstreamPort.Peer, Tlp.Message(MessageRouting.Local, code, Id));
    }
}
