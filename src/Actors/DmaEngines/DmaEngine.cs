using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.Links;
using PcieFabric.LocalDevices;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.DmaEngines;

/// <summary>
/// What DMA engines have in common: channels that make requests on behalf of functions, through the controller and bounded by its buffers, and interrupts to the software of
/// functions. What channels do, and by which registers they are told, is for the kinds.
/// </summary>
public abstract class DmaEngine : LocalDevice, IPortOwner, ITrainStop
{
    /// <summary>Of a descriptor, from local memory; so time goes on whatever a list says.</summary>
    public static readonly SimTime FetchLatency = SimTime.FromNanoseconds(100);

    /// <summary>The interrupt that tells of the end of work.</summary>
    public const int StatusInterrupt = 1;

    /// <summary>From an access of a register to its completion.</summary>
    private static readonly SimTime RegisterLatency = SimTime.FromNanoseconds(50);

    private readonly DmaEngineSettings _settings;
    private readonly ActorSynchronizationContext _turns = new();
    private readonly SoftwareTasks _tasks;
    private readonly FunctionState[] _states;
    private readonly ActorRef?[] _processors;
    private DmaChannel[] _channels = [];
    private DmaArbiter[] _arbiters = [];
    private readonly Transmitter _toBus;
    private Alarms? _alarms;

    protected DmaEngine(DmaEngineSettings settings)
        : base(RegisterLatency)
    {
        _settings = settings;
        _tasks = new SoftwareTasks(_turns);
        _states = new FunctionState[settings.Functions];
        _processors = new ActorRef?[settings.Functions];
        _toBus = new Transmitter(this, settings.Latency, settings.Credits);
        // A write is known to be taken, or refused, when the answer could be here.
        Settling = new SimTime(2 * settings.Latency.Picoseconds + 1);
    }

    /// <summary>Requests under way.</summary>
    public int RequestsOutstanding => _channels.Sum(channel => channel.Requester.Outstanding);

    /// <summary>Whether no channel works.</summary>
    public bool IsIdle => _tasks.AllFinished;

    /// <summary>Completions that no request waited for, as after a reset.</summary>
    public long UnexpectedCompletions { get; private set; }

    /// <summary>Credits that the controller has not given back.</summary>
    public CreditLimit CreditsOut(FlowControlClass flowControlClass) => _toBus.CreditsOut(flowControlClass);

    internal IReadOnlyList<DmaChannel> Channels => _channels;

    internal Alarms Alarms => _alarms!;

    internal SimTime Settling { get; }

    /// <summary>Gives it the way of its requests.</summary>
    public void ConnectBus(ActorRef controller) => _toBus.Connect(controller);

    /// <summary>Gives it the interrupt of a function's software.</summary>
    public void ConnectProcessor(int function, ActorRef software) => _processors[function] = software;

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp when message.Tlp.IsCompletion:
                Completed(in message.Tlp, new DeviceRequest(message.Detail).Function);
                break;
            case MessageKind.CreditReturn:
                _toBus.Returned(message.Read<CreditReturn>(), Context.NowPs);
                break;
            case MessageKind.DeviceRequestRefused:
                _channels[message.Read<DeviceRequest>().Channel].Refused();
                break;
            case MessageKind.FunctionState:
                Adopt((int)message.Detail, message.Read<FunctionState>());
                break;
            case MessageKind.Timer:
                Fired(message.Read<Engine.Timer>());
                break;
            default:
                base.Receive(in message);
                break;
        }
        do
        {
            _tasks.RunTurn();
            foreach (var arbiter in _arbiters) arbiter.Grant();
        }
        while (HasMoreToDo());
    }

    bool ITrainStop.TryPass(TrainRoute route, int inlet) => route.IsBackAt(this);

    void IPortOwner.Departed(int source, FlowControlClass flowControlClass, int dataCredits, long atPs)
    {
    }

    internal bool HasCredits(in Tlp request) => _toBus.HasCredits(request.FlowControlClass, CreditCounter.DataCredits(in request));

    internal void Send(ref readonly Tlp request, DeviceRequest asked) => _toBus.SendAtOnce(in request, asked.Detail, Context.NowPs);

    /// <summary>No other channel has anything under way, or to send.</summary>
    internal bool IsOnlyUsedBy(DmaChannel channel)
    {
        foreach (var other in _channels)
            if (other != channel && !other.IsIdle)
                return false;
        return true;
    }

    internal TrainRoute? FindRoute(in Tlp sample, AddressRange range, DeviceRequest asked) => TrainRoute.FromDevice(this, _toBus, asked.Detail, in sample, range);

    /// <summary>Makes the channels.</summary>
    /// <param name="groups">How many take turns with each other, for each arbiter.</param>
    private protected void MakeChannels(params ReadOnlySpan<int> groups)
    {
        _alarms = new Alarms(Context, _turns);
        foreach (var group in groups)
        {
            var first = _channels.Length;
            var members = Enumerable.Range(first, group).Select(index => new DmaChannel(this, index, _settings.LocalMemory, Context, _turns)).ToArray();
            _channels = [.. _channels, .. members];
            _arbiters = [.. _arbiters, new DmaArbiter(this, members)];
        }
    }

    /// <summary>Runs code in the engine's next turn.</summary>
    private protected void Run(ActorSynchronizationContext.IAwaited code) => _turns.Run(code);

    /// <summary>A channel is at work until the task is done.</summary>
    private protected void Watch(Task work) => _tasks.Watch(work);

    internal FunctionState StateOf(int function) => _states[function];

    private protected void Interrupt(int function, int number)
    {
        var message = Message.Of(MessageKind.Interrupt, new Interrupt(number, IsLine: true, Asserted: true));
        _processors[function]?.Tell(in message, Context.NowPs + _settings.Latency.Picoseconds);
    }

    /// <summary>What a channel holds back for a train goes before anything that code does in the same message.</summary>
    private bool HasMoreToDo()
    {
        if (!_turns.HasWork) return false;
        foreach (var channel in _channels) channel.Requester.ReleaseHeld();
        return true;
    }

    private void Completed(ref readonly Tlp completion, int function)
    {
        foreach (var channel in _channels)
        {
            if (!channel.Owns(function, completion.Tag)) continue;
            channel.Completed(completion);
            return;
        }
        UnexpectedCompletions++;
        completion.Release(Context.Payloads);
    }

    private void Adopt(int function, FunctionState state)
    {
        _states[function] = state;
        foreach (var channel in _channels)
        {
            if (channel.Function != function) continue;
            channel.Adopt(in state);
            if (state.WasReset) channel.Abandon();
        }
    }

    private void Fired(Engine.Timer timer)
    {
        if (timer.Id == Requester.TimerId) _channels[(int)timer.Argument].Requester.TimerFired();
        else Alarms.Fired(timer.Argument);
    }
}
