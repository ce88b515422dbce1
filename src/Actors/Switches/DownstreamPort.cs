using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Switches;

/// <summary>A switch's downstream port. Peer 0 is the upstream port, the others are downstream ports like itself, itself at its own place.</summary>
public sealed class DownstreamPort(BridgePortSettings settings) : DownstreamFacingPort(settings)
{
    private readonly bool[] _wires = new bool[4];

    /// <summary>What goes across must be looked at: the only price of access control where nobody uses it.</summary>
    private bool _isControlled;

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

    protected override void AccessChanged() => _isControlled = !Access.IsOff;

    protected override void SendTowardsRoot(ref readonly Tlp message) => OwnToPeer(UpstreamPort.Peer, in message);

    /// <summary>From above: the port's own registers too.</summary>
    protected override void Reset()
    {
        Space.Reset(ConfigSpaces.ResetKind.Conventional);
        UpdateRoute();
        UpdateAccess();
        ResetSecondary();
    }

    /// <summary>What is below can no longer say that it does not interrupt (PCIe 6.0 section 2.2.8.1).</summary>
    protected override void ResetSecondary()
    {
        for (var wire = 0; wire < _wires.Length; wire++) Drive(wire, false);
        base.ResetSecondary();
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
                ToPeer(peer, in message);
                break;
        }
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
