using PcieFabric.Input;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Experiments;

/// <summary>
/// The software of one host: enumerates what is below it, then does the steps of the experiment one after another, each for all of its
/// own functions at the same time. Hosts do this independently of each other, and wait for each other nowhere.
/// </summary>
internal sealed class HostSoftware(HostDefinition definition, IReadOnlyList<Step> steps, IReadOnlyDictionary<string, AnalyserTap> taps)
{
    private readonly OrderedDictionary<string, LocatedFunction> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DmaTestDriver> _drivers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Function, bool IsRead), (ulong Address, long Bytes)> _buffers = [];
    private Host? _host;

    public string Name => definition.Name;

    public IReadOnlyList<Step> Steps => steps;

    /// <summary>What it is at, for progress and for who wonders why a run hangs. To be read when the engine stands still.</summary>
    public string Activity { get; private set; } = "enumeration";

    /// <summary>The functions that it waits for. To be read when the engine stands still.</summary>
    public IEnumerable<string> Awaited => StepsDone is > 0 and var done && done <= steps.Count ? steps[done - 1].Awaited : [];

    public int StepsDone { get; private set; }

    /// <summary>Null until it has come to its end.</summary>
    public SimTime? FinishedAt { get; private set; }

    public Host Host => _host ?? throw new InvalidOperationException("Invariant: host software runs when it is asked for its host");

    public async Task RunAsync(Host host)
    {
        _host = host;
        for (var hierarchy = 0; hierarchy < host.Hierarchies.Count; hierarchy++)
        {
            var windows = host.Hierarchies[hierarchy];
            var options = new EnumeratorOptions { Memory = windows.Memory, PrefetchableMemory = windows.Prefetchable, Io = windows.Io };
            var found = await new Enumerator(host.Configuration[hierarchy], options).RunAsync();
            foreach (var function in LocatedFunction.In(definition, hierarchy, found)) _functions.Add(function.Path, function);
        }
        StepsDone++;
        foreach (var step in steps)
        {
            Activity = $"{step.Workload.Name} at {new Quantity(step.SizeBytes, Dimension.Size)}";
            await step.RunAsync(this);
            StepsDone++;
        }
        FinishedAt = host.Now;
    }

    /// <summary>The functions of this host that the pattern selects, in the order of the topology.</summary>
    public List<LocatedFunction> Select(PathPattern pattern) => [.. _functions.Values.Where(function => pattern.Matches(function.Path))];

    /// <summary>The driver of a function, set up when it is first asked for.</summary>
    public async ValueTask<DmaTestDriver> DriverOfAsync(LocatedFunction function)
    {
        if (_drivers.TryGetValue(function.Path, out var driver)) return driver;
        driver = new DmaTestDriver(Host, function);
        _drivers.Add(function.Path, driver);
        await driver.SetUpAsync();
        return driver;
    }

    /// <summary>Host memory of a function for one direction, on a page boundary. It stays the function's, and grows when more is wanted.</summary>
    public ulong BufferOf(LocatedFunction function, bool isRead, long bytes)
    {
        const ulong PageBytes = 4096;
        if (_buffers.TryGetValue((function.Path, isRead), out var buffer) && buffer.Bytes >= bytes) return buffer.Address;
        try
        {
            var address = Host.Memory.Allocate((ulong)bytes, PageBytes);
            _buffers[(function.Path, isRead)] = (address, bytes);
            return address;
        }
        catch (InvalidOperationException full)
        {
            throw new InputException($"{Name} has no memory left for {new Quantity(bytes, Dimension.Size)} of {function.Path}", "give it more, or the workloads smaller buffers", definition.Source, full);
        }
    }

    /// <summary>Of data that was not used before.</summary>
    public uint NextSeed() => (uint)Host.Random.NextUInt64();

    /// <summary>In front of the host's memory.</summary>
    public AnalyserTap MemoryTap => taps[definition.Name];

    public AnalyserTap TapOf(LocatedFunction function) => taps[function.EndpointPath];
}
