using PcieFabric.AddressTranslation;
using PcieFabric.Engine;

namespace PcieFabric.Iommus;

/// <summary>
/// The IOMMU of a host: everything that root ports send to the root complex comes through it. It translates the addresses of memory requests and AtomicOps, page by page, as the
/// domain of their requester says, answers ATS translation requests, and refuses what is not permitted. Host software programs it by commands.
/// </summary>
/// <remarks>
/// A walk delays its request and what must not pass it: later posted requests, and what must not pass those. Reads that hit pass reads that walk, as PCIe 6.0 table 2-42 lets
/// them. What waits here keeps the credits of the link that it came by, so that the link bounds it.
/// </remarks>
public sealed partial class Iommu : Actor
{
    public const int CommandInlet = 1;

    private const int FirstPortInlet = 2;

    private readonly IommuSettings _settings;
    private readonly Port[] _ports;
    private readonly long _hitPs;
    private readonly long _walkPs;
    private readonly long _commandPs;
    private readonly long _visiblePs;
    private readonly TranslationCache _cache;
    private readonly PageWalkers _walkers;
    private readonly FaultQueue _faults;
    private readonly List<Domain> _domains = [];
    private readonly Dictionary<DeviceId, Device> _devices = [];
    private Device? _lastDevice;
    private ActorRef? _software;
    private ActorRef? _interrupts;
    private ulong _interruptAddress;
    private uint _interruptData;
    private long _lastDeparturePs;
    private bool _timerSet;

    private struct Port
    {
        public ActorRef ToRoot;
        public AddressRange Memory;
        public AddressRange Prefetchable;
        public ushort Hierarchy;

        /// <summary>When the latest posted TLP departs: none that follows may be earlier.</summary>
        public long PostedAtPs;
    }

    /// <param name="ports">Root ports of the host, of all hierarchies.</param>
    /// <param name="commandLatency">From a command's end to its report.</param>
    /// <param name="readLatency">What the root complex takes to read memory: only then is a request over, and its mapping unused.</param>
    public Iommu(IommuSettings settings, int ports, SimTime commandLatency, SimTime readLatency)
    {
        _settings = settings;
        _ports = new Port[ports];
        _hitPs = Math.Max(1, settings.HitLatency.Picoseconds);
        _walkPs = settings.WalkLatency.Picoseconds;
        _commandPs = commandLatency.Picoseconds;
        _visiblePs = readLatency.Picoseconds + 1;
        _cache = new TranslationCache(settings.Entries, settings.Ways);
        _walkers = new PageWalkers(settings.Walkers);
        _faults = new FaultQueue(settings.FaultRecords);
    }

    public IommuSettings Settings => _settings;

    public IommuCounters Counters { get; } = new();

    /// <summary>Translations that gave way to others in the IO-TLB.</summary>
    public long Evictions => _cache.Evictions;

    public static int InletOfPort(int port) => FirstPortInlet + port;

    /// <param name="software">The way to host software.</param>
    /// <param name="interrupts">The way of interrupt messages.</param>
    public void Connect(ActorRef software, ActorRef interrupts) => (_software, _interrupts) = (software, interrupts);

    /// <param name="memory">What the ports of the hierarchy may decode below 4 GiB.</param>
    /// <param name="prefetchable">And above.</param>
    public void ConnectPort(int port, int hierarchy, ActorRef toRoot, AddressRange memory, AddressRange prefetchable) =>
        _ports[port] = new Port { ToRoot = toRoot, Hierarchy = (ushort)hierarchy, Memory = memory, Prefetchable = prefetchable };

    public override void Receive(ref readonly Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Tlp or MessageKind.OwnTlp:
                FromPort(ref _ports[message.Inlet - FirstPortInlet], in message);
                break;
            case MessageKind.RouteUpdate or MessageKind.AccessControl:
                _ports[message.Inlet - FirstPortInlet].ToRoot.Tell(in message, Context.NowPs + 1);
                break;
            case MessageKind.IommuCommand:
                Execute(message.Read<IommuCommand>());
                break;
            case MessageKind.Timer:
                ExpireInvalidations();
                break;
            default:
                throw new InvalidOperationException($"Invariant: {Context.Path} got a {message.Kind}");
        }
    }

    private void FromPort(ref Port port, ref readonly Message message)
    {
        var forwarded = message;
        var readyPs = Context.NowPs + 1;
        var verdict = IommuVerdict.Pass;
        if (message.Tlp.IsMemoryRequest)
        {
            Counters.Requests++;
            readyPs = Context.NowPs + _hitPs;
            verdict = message.Tlp.AddressType switch
            {
                AddressType.Untranslated => Translate(ref port, ref forwarded.Tlp, ref readyPs),
                AddressType.TranslationRequest => AnswerTranslationRequest(ref port, in message.Tlp, ref readyPs),
                AddressType.Translated => AcceptTranslated(ref port, in message.Tlp),
                _ => throw new InvalidOperationException($"Invariant: a root port let a malformed TLP through: {message.Tlp}"),
            };
        }
        else if (message.Tlp.IsMessage && message.Tlp.MessageCode == (byte)MessageCode.Invalidate_Completion)
        {
            Invalidated(ref port, in message.Tlp);
            verdict = IommuVerdict.Drop;
        }
        forwarded.Detail = (uint)verdict;
        Depart(ref port, in forwarded, readyPs);
    }

    /// <summary>Nothing passes a posted TLP that was there first.</summary>
    private void Depart(ref Port port, in Message message, long readyPs)
    {
        var atPs = Math.Max(readyPs, port.PostedAtPs);
        if (message.Tlp.FlowControlClass == FlowControlClass.Posted) port.PostedAtPs = atPs;
        _lastDeparturePs = Math.Max(_lastDeparturePs, atPs);
        port.ToRoot.Tell(in message, atPs);
    }

    /// <summary>What the IOMMU itself has for those below.</summary>
    private static void SendDown(ref Port port, in Tlp tlp, long atPs)
    {
        var message = Message.OfOwn(in tlp);
        message.Detail = (uint)IommuVerdict.SendDown;
        port.ToRoot.Tell(in message, atPs);
    }
}
