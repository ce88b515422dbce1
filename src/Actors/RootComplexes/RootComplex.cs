using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.Iommus;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.RootComplexes;

/// <summary>
/// The middle of a host: its memory, the processor on which host software runs, and the way between them and the root ports. Several
/// root complexes of one host, each with a segment of its own, share the memory and are one actor.
/// </summary>
public sealed partial class RootComplex : Actor, IPortOwner
{
    private const int StartTimer = 0;

    /// <summary>Inlets: 0 for alarms, then each hierarchy's requester, what is read from memory for each port, the ports, the interrupt controller.</summary>
    private readonly int _firstReadInlet, _firstPortInlet, _interruptInlet;

    private readonly RootComplexSettings _settings;
    private readonly Port[] _ports;
    private readonly RouteTable[] _routes;
    private readonly PeerGuard[] _guards;
    private readonly HostBridgeFunction?[] _hostBridges;
    private readonly Crossing?[] _crossings;
    private readonly ActorRef[] _toRequesters;
    private readonly SourceCredits _sources;
    private readonly ActorSynchronizationContext _software = new();
    private readonly List<Func<Host, Task>> _programs = [];
    private readonly SoftwareTasks _tasks;
    private Requester[] _requesters = [];
    private bool _holdsCredits;
    private Alarms? _alarms;
    private Host? _host;

    private struct Port
    {
        public Transmitter Transmitter;
        public ActorRef Reads;
        public ActorRef Refusals;
        public ActorRef Interrupts;
        public AccessControl Access;
        public int Hierarchy;
        public int MaxPayloadSize;
    }

    public RootComplex(RootComplexSettings settings)
    {
        _settings = settings;
        _tasks = new SoftwareTasks(_software);
        var ports = settings.Hierarchies.Sum(h => h.Ports);
        _ports = new Port[ports];
        _sources = new SourceCredits(ports);
        _routes = [.. settings.Hierarchies.Select(h => new RouteTable(Math.Max(1, h.Ports)))];
        _guards = [.. settings.Hierarchies.Select(h => new PeerGuard { IsEnabled = h.PeerAllow is not null })];
        _hostBridges = [.. settings.Hierarchies.Select(h => h.ShowsHostBridge ? new HostBridgeFunction(h.HostBridge) : null)];
        _crossings = new Crossing?[settings.Hierarchies.Count];
        _toRequesters = new ActorRef[settings.Hierarchies.Count];
        for (var h = 0; h < settings.Hierarchies.Count; h++)
            for (var i = 0; i < settings.Hierarchies[h].Ports; i++)
                _ports[settings.Hierarchies[h].FirstPort + i].Hierarchy = h;
        _firstReadInlet = 1 + settings.Hierarchies.Count;
        _firstPortInlet = _firstReadInlet + ports;
        _interruptInlet = _firstPortInlet + ports;
    }

    public RootComplexSettings Settings => _settings;

    public RootComplexCounters Counters { get; } = new();

    /// <summary>The allow-list of each hierarchy. To be read when the engine stands still.</summary>
    public IReadOnlyList<PeerGuard> PeerGuards => _guards;

    /// <summary>Of each hierarchy; null where the host bridge is no function.</summary>
    public IReadOnlyList<HostBridgeFunction?> HostBridges => _hostBridges;

    /// <summary>What host software sees. Only its own code may use it while the engine runs.</summary>
    public Host Host => _host!;

    /// <summary>Whether all host software has come to its end. When nothing is left to deliver and this is false, some of it waits for what will never happen.</summary>
    public bool SoftwareFinished => _tasks.AllFinished;

    public int InletOfPort(int port) => _firstPortInlet + port;

    public int InletOfInterrupts => _interruptInlet;

    public int InletOfIommu => _interruptInlet + 1;

    /// <summary>Inlet of a channel from the root complex to itself, on which reads of memory wait for their data.</summary>
    public int InletOfReads(int port) => _firstReadInlet + port;

    /// <summary>Inlet of a channel from the root complex to itself, on which it answers its own processor where no port can.</summary>
    public static int InletOfRequester(int hierarchy) => 1 + hierarchy;

    /// <summary>Adds software that starts with the fabric.</summary>
    public void Run(Func<Host, Task> program) => _programs.Add(program);

    public void ConnectPort(int port, InsideWay toPort, ActorRef reads, ActorRef interrupts, LinkSettings link)
    {
        ref var own = ref _ports[port];
        own.Transmitter = new Transmitter(this, _settings.PortLatency, InsideCredits(link, _settings.PortLatency));
        own.Transmitter.Connect(toPort.Tlps);
        (own.Reads, own.Refusals, own.Interrupts, own.MaxPayloadSize) = (reads, toPort.Credits, interrupts, 128);
        _sources.Connect(port, toPort.Credits, link.Credits, link.MaxPayloadSize, egresses: 1);
    }

    /// <summary>Gives software the way to the host's IOMMU.</summary>
    public void ConnectIommu(ActorRef toIommu) => _host!.Iommu!.Connect(toIommu);

    public void ConnectRequester(int hierarchy, ActorRef toRequester) => _toRequesters[hierarchy] = toRequester;

    /// <summary>What a root port buffers of what the root complex sends, ahead of its link.</summary>
    public static CreditLimits InsideCredits(LinkSettings link, SimTime latency) =>
        CreditLimits.SizedFor(LinkRate.RawBitsPerSecond(link.Generation, link.Width), latency, link.MaxPayloadSize);

    protected override void Started()
    {
        _requesters = [.. _settings.Hierarchies.Select((_, i) => new Requester(Context, new HierarchyPath(this, i), _software, number: i) { Limits = new TlpLimits(128, 128) })];
        _alarms = new Alarms(Context, _software);
        _host = new Host(Context, _settings, _requesters, _guards, _alarms, _software);
        // Software finds the root ports there: they announce themselves in the first picosecond.
        Context.Schedule(2 * _settings.PortLatency.Picoseconds, new Engine.Timer(StartTimer, 0));
    }

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.OwnTlp or MessageKind.Input when message.Inlet == InletOfInputs:
                TakeInput(in message);
                break;
            case MessageKind.Tlp or MessageKind.OwnTlp when message.Inlet >= _firstPortInlet:
                _holdsCredits = message.Kind == MessageKind.Tlp;
                if (_settings.HasIommu) FromIommu(message.Inlet - _firstPortInlet, in message);
                else FromPort(message.Inlet - _firstPortInlet, in message.Tlp);
                break;
            case MessageKind.Tlp when message.Inlet >= _firstReadInlet:
                AnswerRead(message.Inlet - _firstReadInlet, in message.Tlp);
                break;
            case MessageKind.Tlp:
                _requesters[message.Inlet - 1].Completed(in message.Tlp);
                break;
            case MessageKind.CreditReturn:
                ref var port = ref _ports[message.Inlet - _firstPortInlet];
                port.Transmitter.Returned(message.Read<CreditReturn>(), Context.NowPs);
                _requesters[port.Hierarchy].Issue();
                break;
            case MessageKind.RouteUpdate:
                Learn(message.Inlet - _firstPortInlet, message.Read<Route>());
                break;
            case MessageKind.AccessControl:
                _ports[message.Inlet - _firstPortInlet].Access = message.Read<AccessControl>();
                break;
            case MessageKind.Interrupt:
                _host!.Interrupts.Signal(message.Read<Interrupt>());
                break;
            case MessageKind.IommuReport:
                _host!.Iommu!.Reported(message.Read<IommuReport>());
                break;
            case MessageKind.Timer:
                Fired(message.Read<Engine.Timer>());
                break;
            default:
                throw new InvalidOperationException($"Invariant: a root complex got a {message.Kind}");
        }
        if (!_software.HasWork) return;
        _tasks.RunTurn();
        if (_software.Begun == 0 && !_host!.Interrupts.HasHandlers) _tasks.ThrowIfItWaitsOutside();
    }
}
