using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// What root ports and switch ports have in common: a type 1 configuration space, a link on one side, and on the other the peers of the same
/// component, to which it passes TLPs and from which it learns where they go. An incoming TLP keeps its link's credits until the port that sends it on has sent it.
/// </summary>
public abstract partial class BridgePort : Actor, IPortOwner
{
    /// <summary>Inlet of the link: TLPs and DLLPs.</summary>
    public const int LinkInlet = 1;

    private const int FirstPeerInlet = 2;

    /// <summary>The source of what this port makes itself.</summary>
    protected const int Own = IPortOwner.Own;

    private readonly ActorRef[] _peers;
    private readonly SourceCredits _sources;
    private PortCounters? _counters;
    private bool _holdsCredits;
    private readonly long _latencyPs;
    private Route _claimed;
    private int _maxPayloadBytes = 128;
    private bool _blocksAtomics;

    /// <param name="settings">Its peers count the port itself where the component numbers its ports.</param>
    protected BridgePort(BridgePortSettings settings)
    {
        Settings = settings;
        _latencyPs = settings.Latency.Picoseconds;
        Layout = settings.Layout;
        Space = new ConfigSpace(settings.Layout);
        Link = new LinkPort(this, settings.Link, settings.PartnerCutsThrough);
        _peers = new ActorRef[settings.Peers];
        _sources = new SourceCredits(settings.Peers);
        Routes = new RouteTable(settings.Peers);
        Layout.Express.Link!.SetUp(Space, settings.Link.Generation.Number, settings.Link.Width.Lanes);
        settings.Initialize?.Invoke(Space);
    }

    public BridgePortSettings Settings { get; }

    /// <summary>To be read when the engine stands still.</summary>
    public ConfigSpace Space { get; }

    public LinkPort Link { get; }

    public PortCounters Counters => _counters ??= new PortCounters();

    /// <summary>Where it stands; the bus is known from the first configuration write on.</summary>
    public Bdf Id { get; private set; }

    protected BridgeLayout Layout { get; }

    protected RouteTable Routes { get; }

    /// <summary>The status of the side on which the link is.</summary>
    protected abstract StatusRegister LinkStatus { get; }

    /// <summary>What this port claims for its far side.</summary>
    protected ref readonly Route Claimed => ref _claimed;

    public static int InletOfPeer(int peer) => FirstPeerInlet + peer;

    /// <param name="granted">What the peer granted on its link, with this MPS.</param>
    /// <param name="egresses">How many ports owe the peer's link its credits.</param>
    public void ConnectPeer(int peer, InsideWay toPeer, in CreditLimits granted, int maxPayloadSize, int egresses)
    {
        _peers[peer] = toPeer.Tlps;
        _sources.Connect(peer, toPeer.Credits, in granted, maxPayloadSize, egresses);
    }

    public sealed override void Receive(ref readonly Message message)
    {
        if (message.Kind is not (MessageKind.Tlp or MessageKind.OwnTlp))
        {
            ReceiveOther(in message);
        }
        else if (message.Inlet == LinkInlet)
        {
            Take(in message);
        }
        else
        {
            _holdsCredits = message.Kind == MessageKind.Tlp;
            FromPeer(message.Inlet - FirstPeerInlet, in message);
        }
    }

    /// <summary>A TLP came by the link.</summary>
    private void Take(ref readonly Message message)
    {
        _holdsCredits = true;
        if (!Link.Received(in message.Tlp, Context.NowPs))
        {
            message.Tlp.Release(Context.Payloads);
            return;
        }
        if (message.Tlp.IsPoisoned) Space[LinkStatus.DetectedParityError] = true;
        if (message.Tlp.PayloadBytes > _maxPayloadBytes) Reject(in message.Tlp, UncorrectableError.MalformedTlp, Own);
        else FromLink(in message);
    }

    /// <summary>What is no TLP on its way.</summary>
    protected virtual void ReceiveOther(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.CreditReturn when message.Inlet == LinkInlet:
                Link.Returned(message.Read<CreditReturn>(), Context.NowPs);
                break;
            case MessageKind.CreditReturn:
                var freed = message.Read<CreditReturn>();
                Link.Freed(freed.FlowControlClass, freed.Data, Context.NowPs, freed.Headers);
                break;
            case MessageKind.RouteUpdate:
                Routes[message.Inlet - FirstPeerInlet] = message.Read<Route>();
                break;
            case MessageKind.HotReset:
                Reset();
                break;
            case MessageKind.LinkTraining:
                Changed(Link.Hear(message.Read<LinkTraining>(), Context.NowPs));
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        }
    }

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs) => _sources.Departed(source, flowControlClass, dataCredits, atPs);

    protected abstract void FromLink(ref readonly Message message);

    protected abstract void FromPeer(int peer, ref readonly Message message);

    /// <summary>A hot reset reached the port, or its own registers started one.</summary>
    protected abstract void Reset();

    /// <summary>The link came up.</summary>
    protected virtual void LinkWentUp()
    {
    }

    /// <summary>The link went down, and nothing waits for it any more.</summary>
    /// <param name="isHotReset">The partner resets this port through it.</param>
    protected abstract void LinkWentDown(bool isHotReset);

    /// <summary>This end leaves the link, as a hot reset of what is below or a disabled link wants it.</summary>
    protected void LeaveLink(bool hotReset)
    {
        if (!Link.Leave(Context.NowPs, hotReset)) return;
        DiscardWaiting();
        LinkWentDown(isHotReset: false);
    }

    private void Changed(LinkChange change)
    {
        if (change == LinkChange.WentUp) LinkWentUp();
        if (change is not (LinkChange.WentDown or LinkChange.HotReset)) return;
        DiscardWaiting();
        LinkWentDown(change == LinkChange.HotReset);
    }

    /// <summary>Requests that wait for a link that is no more are answered here, everything else is dropped (PCIe 6.0 section 2.9.1).</summary>
    private void DiscardWaiting()
    {
        while (Link.Transmitter.TryDiscard(out var tlp, out var source))
        {
            _holdsCredits = source != Own;
            if (_holdsCredits && tlp.FlowControlClass == FlowControlClass.NonPosted) Reject(in tlp, UncorrectableError.UnsupportedRequest, source);
            else if (_holdsCredits) Consume(in tlp, source);
            else tlp.Release(Context.Payloads);
        }
    }

    /// <summary>To be called when the registers changed that say what the port claims.</summary>
    protected void UpdateRoute()
    {
        var header = Layout.Bridge;
        var memory = header.MemoryRange(Space);
        var prefetchable = header.PrefetchableRange(Space);
        var io = header.IoRange(Space);
        _claimed = new Route(
            memory,
            prefetchable.Base,
            prefetchable.Size,
            (uint)io.Base,
            (uint)io.Size,
            (byte)Space[header.SecondaryBus],
            (byte)Space[header.SubordinateBus],
            Settings.Device,
            Settings.Function,
            (ushort)Layout.Express.Device.MaxPayloadBytes(Space),
            header.LegacyDecode(Space));
        _maxPayloadBytes = _claimed.MaxPayloadSize;
        _blocksAtomics = Space[Layout.Express.Device.AtomicOpEgressBlocking!];
        RouteChanged();
    }

    protected virtual void RouteChanged()
    {
    }

    protected void TellPeers(in Message message)
    {
        foreach (var peer in _peers) peer?.Tell(in message, Context.NowPs + _latencyPs);
    }

    protected void ToPeer(int peer, ref readonly Message message) => _peers[peer].Tell(in message, Context.NowPs + _latencyPs);

    /// <summary>
    /// Sends the TLP in hand, from a peer, down or up the link. Where the link is down, nobody is there to take it (PCIe 6.0 section 2.9.1); what is
    /// longer than the link's payloads can be must not be sent (PCIe 6.0 section 2.2.2), and would wait for ever. AtomicOps may be kept from leaving
    /// by this port (PCIe 6.0 section 6.15).
    /// </summary>
    protected void ToLink(int peer, ref readonly Tlp tlp, long tailPs)
    {
        if (tlp.PayloadBytes > _maxPayloadBytes) Reject(in tlp, UncorrectableError.MalformedTlp, peer);
        else if (_blocksAtomics && tlp.IsAtomic) Reject(in tlp, UncorrectableError.AtomicOpEgressBlocked, peer);
        else if (Link.IsUp) Link.Send(in tlp, _holdsCredits ? peer : Own, Context.NowPs, tailPs);
        else if (tlp.IsMessage && tlp.Routing == MessageRouting.BroadcastFromRootComplex) Consume(in tlp, peer);
        else Reject(in tlp, tlp.IsCompletion ? UncorrectableError.UnexpectedCompletion : UncorrectableError.UnsupportedRequest, peer);
    }

    /// <summary>Sends what this port made itself.</summary>
    protected void OwnToLink(in Tlp tlp)
    {
        if (Link.IsUp) Link.Send(in tlp, Own, Context.NowPs);
        else tlp.Release(Context.Payloads);
    }

    /// <inheritdoc cref="OwnToLink"/>
    protected void OwnToPeer(int peer, in Tlp tlp)
    {
        var message = Message.OfOwn(in tlp);
        ToPeer(peer, in message);
    }

    /// <summary>The TLP in hand ends here, its payload too.</summary>
    protected void Consume(ref readonly Tlp tlp, int peer = Own)
    {
        Free(in tlp, peer);
        tlp.Release(Context.Payloads);
    }

    /// <summary>The TLP in hand takes up no buffer of a link any more.</summary>
    /// <param name="peer">Where it came from; <see cref="Own"/> for this port's link.</param>
    protected void Free(ref readonly Tlp tlp, int peer)
    {
        if (peer == Own) Link.Freed(in tlp, Context.NowPs);
        else if (_holdsCredits) _sources.Departed(peer, in tlp, Context.NowPs);
    }
}
