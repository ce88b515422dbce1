using PcieFabric.DmaEngines;
using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions;

/// <summary>Runs a <see cref="BoundFunction"/> as an actor beside its controller.</summary>
public sealed class BoundFunctionActor : Actor, IPortOwner, IRequestPath, ITrainPath, ITrainStop, IDoorbellProcessor
{
    public const int ControllerInlet = 1;

    /// <summary>Inlet of the interrupts of the endpoint's own devices.</summary>
    public const int InterruptInlet = 2;

    private readonly BoundFunction _function;
    private readonly FunctionSoftware _software;
    private readonly Transmitter _toController;
    private readonly long _latencyPs;
    private readonly Queue<Message> _calls = new();
    private readonly List<Func<BoundSoftware, Task>> _programs = [];
    private ActorRef? _controller;
    private MemcpyDriver? _memcpy;
    private FunctionDoorbells? _doorbells;

    /// <param name="credits">What the controller buffers for this function, ahead of the link.</param>
    /// <param name="virtualFunction">From 1; 0 for a physical function.</param>
    public BoundFunctionActor(BoundFunction function, ControllerProfile features, LocalMemory memory, SimTime latency, in CreditLimits credits, int virtualFunction = 0)
    {
        _function = function;
        _latencyPs = latency.Picoseconds;
        _software = new FunctionSoftware(this);
        _toController = new Transmitter(this, latency, in credits);
        Memory = memory;
        Controller = new BoundController(features, Call, _software.Turns, virtualFunction);
        // A DMA engine has the other tags of the function.
        if (features.Dma.Kind != DmaKind.None) _software.LimitOutstanding(RequesterTags.Processor);
        function.Attach(this);
    }

    public BoundFunction Function => _function;

    public BoundController Controller { get; }

    public LocalMemory Memory { get; }

    /// <summary>What the host can ring.</summary>
    public FunctionDoorbells Doorbells => _doorbells ??= new FunctionDoorbells(this, new DoorbellDevices());

    public SimTime Now => new(Context.NowPs);

    /// <summary>Whether all code of the function has come to its end.</summary>
    public bool SoftwareFinished => _software.AllFinished;

    /// <summary>Requests of the processor to the bus that are under way.</summary>
    public int RequestsOutstanding => _software.Requester.Outstanding;

    /// <summary>The driver of the function's channels of an eDMA; null where the controller has none.</summary>
    public EmbeddedDmaDriver? EmbeddedDma { get; private set; }

    internal DeterministicRandom Random => Context.Random;

    internal Requester Requester => _software.Requester;

    internal Alarms Alarms => _software.Alarms;

    public void Connect(ActorRef controller)
    {
        _controller = controller;
        _toController.Connect(controller);
    }

    /// <summary>Gives the function its share of a DMA engine: of an eDMA every channel whose number leaves the function's as remainder.</summary>
    /// <param name="registers">The engine's local address.</param>
    /// <param name="functions">That share it.</param>
    public void ConnectDma(ulong registers, int number, int functions)
    {
        var dma = Controller.Features.Dma;
        if (dma.Kind == DmaKind.MemoryCopy)
        {
            _memcpy = new MemcpyDriver(registers, () => Requester);
            Controller.UseDma(_memcpy);
        }
        else
        {
            EmbeddedDma = new EmbeddedDmaDriver(new ProcessorBus(registers, () => Requester), Share(dma.WriteChannels), Share(dma.ReadChannels));
            Controller.UseDma(EmbeddedDma);
        }

        IEnumerable<int> Share(int channels) => Enumerable.Range(0, channels).Where(channel => channel % functions == number);
    }

    /// <summary>Tells where the devices are that make doorbells; after <see cref="ConnectDma"/>.</summary>
    public void Connect(DoorbellDevices devices)
    {
        _doorbells = new FunctionDoorbells(this, devices);
        if (EmbeddedDma is { } dma) dma.Emulated = _doorbells.Emulated;
    }

    /// <summary>Adds what an operator of the endpoint does: it starts with the fabric, after the function is bound.</summary>
    public void Run(Func<BoundSoftware, Task> program) => _programs.Add(program);

    protected override void Started()
    {
        _software.Attach(Context);
        Context.Schedule(1, default);
    }

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp:
                _software.Completed(in message.Tlp);
                break;
            case MessageKind.CreditReturn:
                _toController.Returned(message.Read<CreditReturn>(), Context.NowPs);
                SendCalls();
                _software.Issue();
                break;
            case MessageKind.ControllerReply:
                Controller.Replied(message.Read<ControllerReply>());
                break;
            case MessageKind.ControllerEvent:
                Tell(message.Read<ControllerEvent>().Kind);
                break;
            case MessageKind.Interrupt when message.Read<Interrupt>().IsLine:
                Interrupted(message.Read<Interrupt>().Vector);
                break;
            case MessageKind.Interrupt:
                Doorbells.Interrupted(message.Read<Interrupt>().Vector);
                break;
            case MessageKind.FunctionState:
                _software.Adopt(message.Read<FunctionState>());
                break;
            case MessageKind.Timer:
                Fired(message.Read<Engine.Timer>());
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        }
        _software.RunTurn();
    }

    bool IRequestPath.IsOpen(in Tlp request) => _toController.Waiting == 0 && _calls.Count == 0;

    void IRequestPath.Send(ref readonly Tlp request) => _toController.Send(in request, 0, Context.NowPs);

    bool ITrainStop.TryPass(TrainRoute route, int inlet) => route.IsBackAt(this);

    TrainRoute? ITrainPath.FindRoute(in Tlp sample, AddressRange range) => _calls.Count > 0 ? null : TrainRoute.From(this, _toController, 0, in sample, range);

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
    }

    ValueTask<RequestResult> IDoorbellProcessor.WriteAsync(ulong localAddress, Memory<byte> from) => Requester.WriteAsync(localAddress, from);

    ValueTask IDoorbellProcessor.DelayAsync(SimTime delay) => Alarms.After(delay);

    void IDoorbellProcessor.Run(ActorSynchronizationContext.IAwaited handler) => _software.Turns.Run(handler);

    public void Watch(Task task) => _software.Watch(task);

    internal async Task UnbindAsync()
    {
        await _function.UnbindAsync();
        await Doorbells.FreeAllAsync();
    }

    /// <summary>Beside <see cref="Receive"/>, which would else make room at each message for what is captured here.</summary>
    private void Tell(ControllerEventKind what) => _software.Turns.Run(new Code(() => _function.Happened(what)));

    /// <summary>An operation stays behind what software wrote before, as a register write of a processor does.</summary>
    private void Call(Message call)
    {
        _software.ReleaseHeld();
        _calls.Enqueue(call);
        SendCalls();
    }

    private void SendCalls()
    {
        while (_toController.Waiting == 0 && _calls.TryDequeue(out var call)) _controller!.Tell(in call, Context.NowPs + _latencyPs);
    }

    private void Interrupted(int number) => _software.Turns.Run(new Code(() =>
    {
        if (_memcpy is not null) Watch(_memcpy.InterruptedAsync());
        else Watch(number == DmaEngine.StatusInterrupt ? EmbeddedDma!.InterruptedAsync() : EmbeddedDma!.EmulatedAsync());
    }));

    private void Fired(Engine.Timer timer)
    {
        if (!_software.Fired(timer)) _software.Turns.Run(new Code(() => Watch(BindAsync())));
    }

    private async Task BindAsync()
    {
        await _function.BindAsync();
        await Controller.BoundAsync();
        var software = new BoundSoftware(this);
        foreach (var program in _programs) Watch(program(software));
    }

    private sealed class Code(Action code) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => code();
    }
}
