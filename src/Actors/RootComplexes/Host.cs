using PcieFabric.Engine;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.RootComplexes;

/// <summary>
/// A host as its software sees it: time, memory, and the bus. Software is ordinary <c>async</c> C#; it may await what is here and other tasks that do
/// the same, and nothing else.
/// </summary>
public sealed class Host
{
    private readonly IActorContext _context;
    private readonly RootComplexSettings _settings;
    private readonly Requester[] _requesters;
    private readonly Alarms _alarms;

    internal Host(IActorContext context, RootComplexSettings settings, Requester[] requesters, PeerGuard[] guards, Alarms alarms, ActorSynchronizationContext software)
    {
        PeerGuards = guards;
        (_context, _settings, _requesters, _alarms) = (context, settings, requesters, alarms);
        Interrupts = new HostInterrupts(software);
        Iommu = settings.HasIommu ? new HostIommu(context, Interrupts, software) : null;
        Configuration = [.. requesters.Select(r => new ConfigurationAccess(this, r))];
    }

    public string Name => _context.Path.Value;

    public SimTime Now => new(_context.NowPs);

    /// <summary>The host's own generator: the same numbers in every run with the same seed.</summary>
    public DeterministicRandom Random => _context.Random;

    public HostMemory Memory => _settings.Memory;

    public Processor Processor => _settings.Processor;

    /// <summary>The allow-list of each hierarchy's root complex. Those of switch ports are behind their configuration space.</summary>
    public IReadOnlyList<PeerGuard> PeerGuards { get; }

    public IReadOnlyList<Hierarchy> Hierarchies => _settings.Hierarchies;

    public HostInterrupts Interrupts { get; }

    /// <summary>The host's IOMMU, as its driver sees it; null if it has none.</summary>
    public HostIommu? Iommu { get; }

    /// <summary>The processor's requester in each hierarchy: its tags, packet sizes and completion timeout may be changed.</summary>
    public IReadOnlyList<Requester> Requesters => _requesters;

    /// <summary>Configuration space of each hierarchy, in their order.</summary>
    public IReadOnlyList<ConfigurationAccess> Configuration { get; }

    public ValueTask DelayAsync(SimTime delay) => _alarms.After(delay);

    /// <summary>Reads device memory. The processor's loads reach a device one by one: one request, at most 4 KiB, is what a real one makes.</summary>
    public ValueTask<RequestResult> ReadAsync(ulong address, Memory<byte> into) => RequesterFor(address).ReadAsync(address, into);

    /// <summary>Writes device memory; done when the last write has left the processor.</summary>
    public ValueTask<RequestResult> WriteAsync(ulong address, Memory<byte> from) => RequesterFor(address).WriteAsync(address, from);

    /// <summary>One aligned DW. Like a processor, all ones where the device does not answer.</summary>
    public async ValueTask<uint> Read32Async(ulong address)
    {
        var buffer = new byte[4];
        var result = await RequesterFor(address).ReadAsync(address, buffer);
        return result.IsSuccess ? BitConverter.ToUInt32(buffer) : uint.MaxValue;
    }

    public async ValueTask Write32Async(ulong address, uint value) => await RequesterFor(address).WriteAsync(address, BitConverter.GetBytes(value));

    public async ValueTask Write64Async(ulong address, ulong value) => await RequesterFor(address).WriteAsync(address, BitConverter.GetBytes(value));

    private Requester RequesterFor(ulong address)
    {
        for (var i = 0; i < Hierarchies.Count; i++)
            if (Hierarchies[i].Memory.Contains(address) || Hierarchies[i].Prefetchable.Contains(address))
                return _requesters[i];
        return _requesters[0];
    }
}
