using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;
using PcieFabric.Ports;

namespace PcieFabric.Switches;

/// <summary>A switch's upstream port, peer 0 of its downstream ports.</summary>
public sealed class UpstreamPort(BridgePortSettings settings) : BridgePort(settings)
{
    public const int Peer = 0;

    /// <summary>For each wire how many downstream ports assert it. They tell only of changes.</summary>
    private readonly int[] _asserting = new int[4];

    protected override StatusRegister LinkStatus => Layout.Header.Status;

    /// <summary>Downwards, to the peer that claims the address or the bus.</summary>
    protected override void FromLink(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        if (tlp.IsConfiguration) Configure(in message);
        else if (tlp.IsMessage) Hear(in message);
        else if (tlp.IsCompletion) Down(Routes.ByBus(tlp.Requester.Bus), in message, UncorrectableError.UnexpectedCompletion);
        else if (tlp.IsIo) Down(Claimed.ClaimsIo((uint)tlp.Address) ? Routes.ByIo((uint)tlp.Address) : RouteTable.None, in message, UncorrectableError.UnsupportedRequest);
        else Down(Claimed.ClaimsAddress(tlp.Address) ? Routes.ByAddress(tlp.Address) : RouteTable.None, in message, UncorrectableError.UnsupportedRequest);
    }

    protected override void FromPeer(int peer, ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        if (tlp.IsMessage) HearPeer(peer, in message);
        else if (tlp.IsMemoryRequest && !Space[Layout.Bridge.Command.BusMasterEnable]) Reject(in tlp, UncorrectableError.UnsupportedRequest, peer);
        else ToLink(peer, in tlp, message.TailPs);
    }

    private protected override bool TryFindWay(TrainRoute route, out int peer)
    {
        peer = RouteTable.None;
        return Claimed.ClaimsAll(route.Range) && Routes.TryFind(route.Range, out peer) && peer != RouteTable.None;
    }

    private protected override bool TryFindWayBack(TrainRoute route, out int peer) => (peer = Routes.ByBus(route.Sample.Requester.Bus)) != RouteTable.None;

    private protected override bool MaySend(TrainRoute route) => route.Sample.IsCompletion || Space[Layout.Bridge.Command.BusMasterEnable];

    protected override void SendTowardsRoot(ref readonly Tlp message) => OwnToLink(in message);

    protected override void ResetSecondary() => TellPeers(new Message { Kind = MessageKind.HotReset });

    protected override void Reset()
    {
        Space.Reset(ResetKind.Conventional);
        UpdateRoute();
        ResetSecondary();
    }

    /// <summary>With the link upwards gone, the switch and all below it are as after a reset (PCIe 6.0 section 2.9.1).</summary>
    protected override void LinkWentDown(bool isHotReset) => Reset();

    private void Down(int peer, ref readonly Message message, UncorrectableError otherwise)
    {
        if (peer == RouteTable.None) Reject(in message.Tlp, otherwise, Own);
        else ToPeer(peer, in message);
    }

    private void Configure(ref readonly Message message)
    {
        ref readonly var request = ref message.Tlp;
        var target = request.Target;
        if (request.Type is TlpType.CfgRd0 or TlpType.CfgWr0)
        {
            if (target.Device != 0 || target.Function != 0)
            {
                Reject(in request, UncorrectableError.UnsupportedRequest, Own);
                return;
            }
            var answer = Configure(in request);
            Consume(in request);
            OwnToLink(in answer);
            return;
        }
        if (!Claimed.ClaimsBus(target.Bus)) Reject(in request, UncorrectableError.UnsupportedRequest, Own);
        else if (target.Bus != Claimed.SecondaryBus) Down(Routes.ByBus(target.Bus), in message, UncorrectableError.UnsupportedRequest);
        else
        {
            var local = message;
            local.Tlp = request.AsConfigType0();
            Down(Routes.ByDevice(target.Device, target.Function), in local, UncorrectableError.UnsupportedRequest);
        }
    }

    /// <summary>From above: to one device, to all, or to this port (PCIe 6.0 section 2.2.8).</summary>
    private void Hear(ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        switch (tlp.Routing)
        {
            case MessageRouting.ById:
                Down(Routes.ByBus(tlp.Target.Bus), in message, UncorrectableError.UnsupportedRequest);
                break;
            case MessageRouting.ByAddress:
                Down(Routes.ByAddress(tlp.Address), in message, UncorrectableError.UnsupportedRequest);
                break;
            case MessageRouting.BroadcastFromRootComplex:
                for (var peer = 1; peer < Settings.Peers; peer++) OwnToPeer(peer, tlp.Clone(Context.Payloads));
                Consume(in tlp);
                break;
            case MessageRouting.Local:
                Consume(in tlp);
                break;
            default:
                Reject(in tlp, UncorrectableError.MalformedTlp, Own);
                break;
        }
    }

    /// <summary>From below: INTx wires of all downstream ports are joined to four; error messages pass if the port lets them.</summary>
    private void HearPeer(int peer, ref readonly Message message)
    {
        ref readonly var tlp = ref message.Tlp;
        var code = (MessageCode)tlp.MessageCode;
        if (code is >= MessageCode.Assert_INTA and <= MessageCode.Deassert_INTD)
        {
            Join(code - MessageCode.Assert_INTA & 3, code < MessageCode.Deassert_INTA);
            Consume(in tlp, peer);
            return;
        }
        var isError = code is MessageCode.ERR_COR or MessageCode.ERR_NONFATAL or MessageCode.ERR_FATAL;
        if (isError && !PassesError(code)) Consume(in tlp, peer);
        else ToLink(peer, in tlp, message.TailPs);
    }

    private void Join(int wire, bool asserted)
    {
        ref var asserting = ref _asserting[wire];
        asserting += asserted ? 1 : -1;
        if (asserting != (asserted ? 1 : 0)) return;
        OwnToLink(Tlp.Message(MessageRouting.Local, (byte)((int)(asserted ? MessageCode.Assert_INTA : MessageCode.Deassert_INTA) + wire), Id));
    }
}
