using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.LocalDevices;
using PcieFabric.Ports;

namespace PcieFabric.EndpointControllers;

/// <summary>
/// An endpoint controller: the hardware between a link and the processor of an endpoint. It translates addresses both ways, sends interrupts, and tells
/// the software of its functions what happens to them; that software composes the functions, operation by operation. The static sibling is <see cref="Endpoint"/>.
/// </summary>
public sealed partial class EndpointController : Actor, IPortOwner, IFunctionObserver, ITrainStop
{
    /// <summary>Inlet of the link: TLPs and DLLPs.</summary>
    public const int LinkInlet = 1;

    /// <summary>Inlet of a channel from the controller to itself, on which reads wait for their data.</summary>
    public const int ReadInlet = 2;

    /// <summary>Inlet of the completions of local devices.</summary>
    public const int DeviceInlet = 3;

    /// <summary>Inlet of the requests of a DMA engine.</summary>
    public const int DmaInlet = 4;

    private const int FirstSoftwareInlet = 5;

    private readonly EndpointControllerSettings _settings;
    private readonly DeviceFunctions _device;
    private readonly ComposedFunction[] _functions;
    private readonly OutboundWindows _outbound;
    private readonly LocalBus _bus = new();
    private bool _isStarted;

    public EndpointController(EndpointControllerSettings settings)
    {
        _settings = settings;
        Link = new LinkPort(this, settings.Link, settings.PartnerCutsThrough);
        Link.StartAbsent();
        _device = new DeviceFunctions(Link, new DeviceTiming(settings.ReadLatency, settings.SoftwareLatency), HasVirtualFunctions, settings.Functions, settings.VirtualFunctions.Sum(), this, others: 1);
        _functions = ComposedFunctions(settings, _bus);
        _outbound = new OutboundWindows(settings.Profile.Outbound);
    }

    public ControllerProfile Profile => _settings.Profile;

    public LinkPort Link { get; }

    /// <summary>By function number; null where there is none, or while the controller does not run. Virtual functions belong to one of these. To be read while the engine stands still.</summary>
    public IReadOnlyList<Function?> Functions => _device.All;

    /// <summary>Requests that reached no function at all.</summary>
    public PortCounters Counters => _device.Counters;

    public EndpointControllerCounters Activity { get; } = new();

    /// <summary>Its link is up, or is coming up as soon as somebody is at the other end.</summary>
    public bool IsStarted => _isStarted;

    public int OutboundWindowsInUse => _outbound.Count;

    public int InboundWindowsInUse => _functions.Sum(f => f.Inbound.Count);

    /// <param name="place">The function's number; virtual functions come behind all others, those of function 0 first.</param>
    public static int InletOfSoftware(int place) => FirstSoftwareInlet + place;

    public void ConnectReads(ActorRef reads) => _device.ConnectReads(reads);

    /// <summary>Puts a device on the local bus.</summary>
    /// <returns>Its local address.</returns>
    public ulong ConnectDevice(ActorRef device) => LocalBus.AddressOf(_bus.Connect(device));

    /// <summary>Puts a device on the local bus, and into the reserved parts of BARs where the hardware shows it.</summary>
    /// <inheritdoc cref="ConnectDevice(ActorRef)"/>
    public ulong ConnectDevice(ActorRef device, AuxiliaryResourceKind shownAs)
    {
        var address = ConnectDevice(device);
        for (var bar = 0; bar < ControllerProfile.BarCount; bar++)
            foreach (var resource in Profile.Bars[bar].Resources)
                if (resource.Kind == shownAs)
                    foreach (var function in _functions) function.Inbound.Wire(bar, resource.OffsetBytes, new BarSubrange(address, resource.SizeBytes));
        return address;
    }

    /// <summary>Gives a function its software.</summary>
    /// <param name="place">As for <see cref="InletOfSoftware"/>.</param>
    /// <param name="credits">What the controller buffers for it, ahead of the link.</param>
    public void ConnectSoftware(int place, InsideWay toSoftware, in CreditLimits credits)
    {
        _functions[place].Software = toSoftware.Tlps;
        if (place >= _settings.Functions) _device.ConnectVirtualModel(place, toSoftware.Tlps);
        _device.ConnectSource(place, toSoftware.Credits, in credits, _settings.Link.MaxPayloadSize);
    }

    protected override void Started() => _device.Attach(Context);

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp when message.Inlet == LinkInlet:
                if (Link.Received(in message.Tlp, Context.NowPs)) _device.FromLink(in message.Tlp);
                else message.Tlp.Release(Context.Payloads);
                break;
            case MessageKind.Tlp or MessageKind.OwnTlp when message.Inlet == ReadInlet:
                _device.AnswerRead(in message.Tlp, holdsCredits: message.Kind == MessageKind.Tlp);
                break;
            case MessageKind.Tlp when message.Inlet == DeviceInlet:
                FromDevice(in message.Tlp, new LocalAccess(message.Detail));
                break;
            case MessageKind.Tlp when message.Inlet == DmaInlet:
                FromDma(in message.Tlp, new DeviceRequest(message.Detail));
                break;
            case MessageKind.Tlp:
                FromSoftware(message.Inlet - FirstSoftwareInlet, in message.Tlp);
                break;
            case MessageKind.CreditReturn:
                Link.Returned(message.Read<CreditReturn>(), Context.NowPs);
                break;
            case MessageKind.LinkTraining:
                Changed(Link.Hear(message.Read<LinkTraining>(), Context.NowPs));
                break;
            case MessageKind.ControllerCall:
                Answer(_functions[message.Inlet - FirstSoftwareInlet], message.Read<ControllerCall>());
                break;
            case MessageKind.Timer:
                EndIntxPulse((int)message.Read<Engine.Timer>().Argument);
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        }
    }

    /// <summary>
    /// A train of a function's processor leaves through one outbound window; what it asked for comes by the link. Devices reach the processor's memory without a word to it.
    /// </summary>
    bool ITrainStop.TryPass(TrainRoute route, int inlet)
    {
        var number = inlet - FirstSoftwareInlet;
        if (inlet == LinkInlet) return _device.TryEnd(route);
        if (inlet == DmaInlet) return TryPassDma(route);
        if (number < 0 || !TryWatchSource(route) || !_outbound.TryTranslate(number, route.Range.Base, route.Range.Size, out var busAddress)) return false;
        route.MoveTo(busAddress);
        return _device.TryLetPass(Running(number), number, route);
    }

    /// <summary>All software of the endpoint, and its devices, see the memory.</summary>
    bool IFunctionObserver.TryWatchMemory(TrainRoute route)
    {
        foreach (var function in _functions)
            if (!route.TryWatch(function.Software))
                return false;
        foreach (var device in _bus.Devices)
            if (!route.TryWatch(device))
                return false;
        return true;
    }

    private bool TryWatchSource(TrainRoute route)
    {
        foreach (var device in _bus.Devices)
            if (!route.TryWatchSource(device))
                return false;
        return true;
    }

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs) =>
        _device.Departed(source, flowControlClass, dataCredits, atPs);

    void IFunctionObserver.Configured(Function function, ConfigWriteEffect effect)
    {
        var command = function.Layout.Header.Command.BusMasterEnable;
        if (effect.Has(Concerns.Command) && (effect.Changed & command.Mask) != 0 && effect.At.Dword == CommandDword)
            Tell(function.Source, function.Space[command] ? ControllerEventKind.BusMasterEnabled : ControllerEventKind.BusMasterDisabled);
        if (effect.Has(Concerns.PowerState))
            Tell(function.Source, function.Layout.IsOn(function.Space) ? ControllerEventKind.D0Entered : ControllerEventKind.D3Entered);
    }

    void IFunctionObserver.WasReset(Function function, ResetKind kind) =>
        Tell(function.Source, kind == ResetKind.FunctionLevel ? ControllerEventKind.FunctionLevelReset : ControllerEventKind.HotReset);

    void IFunctionObserver.VirtualFunctionChanged(Function function, bool isEnabled) =>
        Tell(function.Source, isEnabled ? ControllerEventKind.VirtualFunctionEnabled : ControllerEventKind.VirtualFunctionDisabled);

    private const int CommandDword = 1;

    private bool HasVirtualFunctions => _settings.VirtualFunctions.Any(count => count > 0);

    private static ComposedFunction[] ComposedFunctions(EndpointControllerSettings settings, LocalBus bus)
    {
        var functions = Enumerable.Range(0, settings.Functions).Select(i => new ComposedFunction(i, settings.LocalMemory, bus, settings.Profile)).ToList();
        for (var number = 0; number < settings.VirtualFunctions.Count; number++)
        {
            var physical = functions[number];
            for (var vf = 1; vf <= settings.VirtualFunctions[number]; vf++)
            {
                physical.Virtual.Add(new ComposedFunction(functions.Count, settings.LocalMemory, bus, settings.Profile.OfVirtualFunction) { Physical = physical, VirtualNumber = vf });
                functions.Add(physical.Virtual[^1]);
            }
        }
        return [.. functions];
    }

    /// <summary>The function that software at a place acts for; null while the controller does not run, or the host has not enabled the virtual function.</summary>
    private Function? Running(int place) => _device.BySource(place) is { Exists: true } function ? function : null;

    /// <summary>A local device answers a read, of the processor or through a BAR.</summary>
    private void FromDevice(ref readonly Tlp completion, LocalAccess access)
    {
        if (access.Source == LocalSource.Processor)
        {
            var message = Message.Of(in completion);
            _functions[access.Function].Software!.Tell(in message, Context.NowPs + _settings.SoftwareLatency.Picoseconds);
        }
        else if (Running(access.Function) is { } function && Link.IsUp) _device.FromDevice(function, in completion);
        else completion.Release(Context.Payloads);
    }

    /// <summary>The processor reads or writes a local device, or the bus through an outbound window; where there is neither, its access fails.</summary>
    private void FromSoftware(int number, ref readonly Tlp tlp)
    {
        if (tlp.IsMemoryRequest && !tlp.IsAtomic && _bus.TryFind(tlp.Address, (ulong)tlp.LengthDw * 4, out var device, out var register))
        {
            _device.Departed(number, tlp.FlowControlClass, CreditCounter.DataCredits(in tlp), Context.NowPs);
            var message = Message.Of(in tlp, new LocalAccess(LocalSource.Processor, number, register).Detail);
            device!.Tell(in message, Context.NowPs + _settings.SoftwareLatency.Picoseconds);
            return;
        }
        if (Running(number) is not { } function)
        {
            Drop(number, in tlp);
            return;
        }
        if (!tlp.IsMemoryRequest)
        {
            _device.FromModel(function.Source, in tlp);
            return;
        }
        if (!_outbound.TryTranslate(number, tlp.Address, (ulong)tlp.LengthDw * 4, out var busAddress))
        {
            Activity.OutsideWindows++;
            _device.Refuse(function, in tlp);
            return;
        }
        var translated = tlp.AtAddress(busAddress);
        _device.FromModel(function.Source, in translated);
    }

    /// <summary>There is no function to act for: the access of the processor fails.</summary>
    private void Drop(int number, ref readonly Tlp tlp)
    {
        Activity.OutsideWindows++;
        _device.Departed(number, tlp.FlowControlClass, CreditCounter.DataCredits(in tlp), Context.NowPs);
        if (tlp.FlowControlClass == FlowControlClass.NonPosted)
        {
            var message = Message.Of(Tlp.CompletionFor(in tlp, tlp.Requester, CompletionStatus.UnsupportedRequest));
            _functions[number].Software!.Tell(in message, Context.NowPs + _settings.SoftwareLatency.Picoseconds);
        }
        tlp.Release(Context.Payloads);
    }

    private void Changed(LinkChange change)
    {
        if (change == LinkChange.WentUp) TellOfLink(ControllerEventKind.LinkUp);
        if (change is LinkChange.WentDown or LinkChange.HotReset) GoDown();
    }

    private void GoDown()
    {
        _device.LinkWentDown();
        TellOfLink(ControllerEventKind.LinkDown);
    }

    private void TellOfLink(ControllerEventKind kind)
    {
        if (!Profile.NotifiesLinkUp) return;
        foreach (var function in _functions) Tell(function.Number, kind);
    }

    private void Tell(int function, ControllerEventKind kind)
    {
        Activity.Events++;
        var message = Message.Of(MessageKind.ControllerEvent, new ControllerEvent(kind));
        _functions[function].Software?.Tell(in message, Context.NowPs + _settings.SoftwareLatency.Picoseconds);
    }
}
