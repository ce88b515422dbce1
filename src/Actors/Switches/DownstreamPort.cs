using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Switches;

/// <summary>A switch's downstream port. Peer 0 is the upstream port, the others are downstream ports like itself, itself at its own place.</summary>
public sealed class DownstreamPort(BridgePortSettings settings) : DownstreamFacingPort(settings)
{
    private readonly bool[] _wires = new bool[4];

    /// <summary>Upwards, or across to a peer that claims the address or the bus.</summary>
    protected override void FromLink(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        if (tlp.IsMessage) Hear(in message);
        else if (tlp.IsCompletion) Across(Routes.ByBus(tlp.Requester.Bus), in message);
        else if (!MayPassUp(in tlp)) Reject(in tlp, UncorrectableError.UnsupportedRequest, Own);
        else Across(Routes.ByAddress(tlp.Address), in message);
    }

    protected override void SendTowardsRoot(ref readonly Tlp message) => OwnToPeer(UpstreamPort.Peer, in message);

    /// <summary>From above: the port's own registers too.</summary>
    protected override void Reset()
    {
        Space.Reset(ConfigSpaces.ResetKind.Conventional);
        UpdateRoute();
        ResetSecondary();
    }

    /// <summary>What is below can no longer say that it does not interrupt (PCIe 6.0 section 2.2.8.1).</summary>
    protected override void ResetSecondary()
    {
        for (var wire = 0; wire < _wires.Length; wire++) Drive(wire, false);
        base.ResetSecondary();
    }

    private void Across(int peer, ref readonly Message message) => ToPeer(peer == RouteTable.None ? UpstreamPort.Peer : peer, in message);

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
