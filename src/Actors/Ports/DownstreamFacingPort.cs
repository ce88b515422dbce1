using PcieFabric.ConfigSpaces;
using PcieFabric.Engine;

namespace PcieFabric.Ports;

/// <summary>A port whose link leads down: a root port, or a switch's downstream port. It tells its peers what it claims for what is below.</summary>
public abstract class DownstreamFacingPort(BridgePortSettings settings) : BridgePort(settings)
{
    private AccessControl _access;

    /// <summary>What the port's ACS registers ask for.</summary>
    protected ref readonly AccessControl Access => ref _access;

    protected override StatusRegister LinkStatus => Layout.Bridge.SecondaryStatus;

    protected override void Started() => Context.Schedule(1, default);

    protected override void ReceiveOther(ref readonly Message message)
    {
        if (message.Kind == MessageKind.Timer) UpdateRoute();
        else base.ReceiveOther(in message);
    }

    protected override void FromPeer(int peer, ref readonly Message message)
    {
        if (message.Tlp.IsConfiguration) ConfigureFrom(peer, in message);
        else ToLink(peer, in message.Tlp, message.TailPs);
    }

    protected override void RouteChanged() => TellPeers(Message.Of(MessageKind.RouteUpdate, Claimed));

    /// <summary>Training sequences with the Hot Reset bit: the link goes down, and stays down as long as they last (PCIe 6.0 section 4.2.6.11).</summary>
    protected override void ResetSecondary() => LeaveLink(hotReset: true);

    protected override void ReleaseSecondary() => JoinLink();

    protected override void LinkWentUp() => ShowPresence(true);

    protected override void LinkWentDown(bool isHotReset) => ShowPresence(false);

    private void JoinLink()
    {
        var isDisabled = Layout.Express.Link!.LinkDisable is { } disable && Space[disable];
        if (!isDisabled && !Space[Layout.Bridge.Control.SecondaryBusReset]) Link.Train(Context.NowPs);
    }

    private void ShowPresence(bool isUp)
    {
        Layout.Express.Link!.SetActive(Space, isUp);
        if (Layout.Express.Slot is not { } slot) return;
        slot.SetPresence(Space, isUp);
        Space[slot.LinkStateChanged] = true;
    }

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

    protected override void Configured(ConfigWriteEffect effect)
    {
        if (effect.Has(Concerns.Acs | Concerns.Reset)) UpdateAccess();
        // Link Disable (PCIe 6.0 section 7.5.3.7).
        if (!effect.Has(Concerns.Link)) return;
        if (Layout.Express.Link!.LinkDisable is { } disable && Space[disable]) LeaveLink(hotReset: false);
        else JoinLink();
    }

    /// <summary>To be called when the registers changed that say how peers may reach each other.</summary>
    protected void UpdateAccess()
    {
        var access = AccessControl.Of(Layout.Acs, Space);
        if (access == Access) return;
        _access = access;
        AccessChanged();
    }

    protected virtual void AccessChanged()
    {
    }

    /// <summary>A completion from below for below: up only with Upstream Forwarding. Without, PCIe 6.0 section 6.12.1.1 leaves it undefined; here it is an error, as the request was.</summary>
    protected bool MayPassUpCompletion(in Tlp completion) => Access.ForwardsUpstream || !Claimed.ClaimsBus(completion.Requester.Bus);

    /// <summary>None of the requests of a train is for below.</summary>
    protected bool MayPassUp(AddressRange range) => Space[Layout.Bridge.Command.BusMasterEnable] && !Claimed.ClaimsAny(range);

    /// <summary>
    /// Requests from below pass if the port may act for them (PCIe 6.0 section 7.5.1.1.3) and they are not for below: those go up only with Upstream
    /// Forwarding (section 6.12.1.1).
    /// </summary>
    protected bool MayPassUp(in Tlp request) =>
        !request.IsConfiguration && !request.IsIo && Space[Layout.Bridge.Command.BusMasterEnable] && (!Claimed.ClaimsAddress(request.Address) || Access.ForwardsUpstream);
}
