using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;

namespace PcieFabric.Ports;

/// <summary>A port whose link leads down: a root port, or a switch's downstream port. It tells its peers what it claims for what is below.</summary>
public abstract class DownstreamFacingPort(BridgePortSettings settings) : BridgePort(settings)
{
    protected override StatusRegister LinkStatus => Layout.Bridge.SecondaryStatus;

    protected override void Started() => Context.Schedule(1, default);

    public override void Receive(ref readonly Message message)
    {
        if (message.Kind == MessageKind.Timer) UpdateRoute();
        else base.Receive(in message);
    }

    protected override void FromPeer(int peer, ref readonly Message message)
    {
        if (message.Tlp.IsConfiguration) ConfigureFrom(peer, in message);
        else ToLink(peer, in message.Tlp, message.TailPs);
    }

    protected override void RouteChanged() => TellPeers(Message.Of(MessageKind.RouteUpdate, Claimed));

    protected override void ResetSecondary() => Link.SendHotReset(Context.NowPs);

    /// <summary>A configuration request from a peer, for the port itself or for what is below.</summary>
    private void ConfigureFrom(int peer, ref readonly Message message)
    {
        ref readonly var request = ref message.Tlp;
        if (request.Type is TlpType.CfgRd0 or TlpType.CfgWr0)
        {
            var answer = Configure(in request);
            Consume(in request, peer);
            OwnToPeer(peer, in answer);
            return;
        }
        var bus = request.Target.Bus;
        if (!Claimed.ClaimsBus(bus))
        {
            Reject(in request, UncorrectableError.UnsupportedRequest, peer);
            return;
        }
        if (bus != Claimed.SecondaryBus)
        {
            ToLink(peer, in request, message.TailPs);
            return;
        }
        // One device is at the other end of a link; only with ARI do all eight bits name its functions (PCIe 6.0 section 7.3.1).
        var forwardsAri = Layout.Express.Device.AriForwardingEnable is { } ari && Space[ari];
        if (request.Target.Device != 0 && !forwardsAri)
        {
            Reject(in request, UncorrectableError.UnsupportedRequest, peer);
            return;
        }
        var local = request.AsConfigType0();
        ToLink(peer, in local, message.TailPs);
    }

    /// <summary>Requests from below pass if the port may act for them and they are not for below (PCIe 6.0 section 7.5.1.1.3).</summary>
    protected bool MayPassUp(in Tlp request) =>
        !request.IsConfiguration && !request.IsIo && Space[Layout.Bridge.Command.BusMasterEnable] && !Claimed.ClaimsAddress(request.Address);
}
