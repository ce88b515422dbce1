using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.EndpointControllers;
using PcieFabric.HostDrivers;
using PcieFabric.Input;
using PcieFabric.Iommus;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.RootComplexes.PeerToPeer;
using PcieFabric.TlpPaths;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Enumerated;

namespace PcieFabric.Experiments;

/// <summary>
/// The software of one host: its firmware enumerates what is below it, then it does the steps of the experiment one after another, each for all of its
/// own functions at the same time. Hosts do this independently of each other, and wait for each other nowhere.
/// </summary>
internal sealed class HostSoftware(HostDefinition definition, IReadOnlyList<Step> steps, IReadOnlyDictionary<string, AnalyserTap> taps, TlpWays ways, IommuCounters? iommu)
{
    private readonly OrderedDictionary<string, LocatedFunction> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DmaTestDriver> _drivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EpfDoorbellDriver> _doorbells = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (NtbEpfDriver Driver, ulong Buffer)> _bridges = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Function, bool IsRead), (ulong Address, long Bytes)> _buffers = [];
    private IReadOnlyList<EnumeratedHierarchy> _hierarchies = [];
    private Host? _host;
    private TranslationSetup? _translations;
    private AcsControls? _accessControl;

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

    /// <summary>What functions' DMA goes through.</summary>
    public TranslationSetup Translations => _translations ??= new TranslationSetup(Host);

    /// <summary>Follows traffic between peers.</summary>
    public TlpWays Ways => ways;

    public async Task RunAsync(Host host)
    {
        _host = host;
        _hierarchies = await Firmware.BootAsync(host, definition);
        for (var hierarchy = 0; hierarchy < _hierarchies.Count; hierarchy++)
            foreach (var function in LocatedFunction.In(definition, hierarchy, _hierarchies[hierarchy])) _functions.Add(function.Path, function);
        StepsDone++;
        foreach (var step in steps)
        {
            Activity = $"{step.Workload.Name} at {new Quantity(step.SizeBytes, Dimension.Size)}{(step.Workload.Point.Settings.Count == 0 ? "" : $", {step.Workload.Point}")}";
            // The IOMMU is in its host's partition, so that nobody counts meanwhile.
            var before = TranslationLookups.Of(iommu);
            await step.RunAsync(this);
            step.Translations = TranslationLookups.Of(iommu) - before;
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

    /// <inheritdoc cref="DriverOfAsync"/>
    /// <exception cref="InputException">The endpoint has no such doorbells.</exception>
    public async ValueTask<EpfDoorbellDriver> DoorbellsOfAsync(LocatedFunction function)
    {
        if (_doorbells.TryGetValue(function.Path, out var driver)) return driver;
        driver = await EpfDoorbellDriver.ProbeAsync(Host, function.Found)
            ?? throw new InputException($"{function.Path} has no doorbells", "its controller has none of this kind, or not so many", function.Definition.ModelSource);
        await driver.AskForAnswersAsync(function.Hierarchy);
        _doorbells.Add(function.Path, driver);
        return driver;
    }

    /// <summary>The driver of a virtual NTB, with the link up and the buffer, a window large, shown to the endpoint; set up when it is first asked for.</summary>
    public async ValueTask<(NtbEpfDriver Driver, ulong Buffer)> NtbDriverOfAsync(LocatedFunction function)
    {
        if (_bridges.TryGetValue(function.Path, out var bridge)) return bridge;
        var driver = await NtbEpfDriver.ProbeAsync(Host, function.Hierarchy, function.Found)
            ?? throw new InputException($"the driver of {Name} does not get on with {function.Path}", "a virtual NTB takes the first BARs of its controller, and MSI", definition.Source);
        var size = driver.Window(0).SizeBytes;
        var buffer = BufferOf(function, isRead: false, (long)size);
        if (await driver.SetTranslationAsync(0, buffer, size) != Errno.None || await driver.EnableLinkAsync() != Errno.None || !await driver.IsLinkUpAsync())
            throw new InputException($"the link of {function.Path} does not come up", "its controller must be able to map a BAR while it runs", definition.Source);
        _bridges.Add(function.Path, (driver, buffer));
        return (driver, buffer);
    }

    /// <summary>Enables these Access Control Services, and no others, in all ports and functions that have them.</summary>
    public async ValueTask UseAccessControlAsync(AcsControls controls)
    {
        if (_accessControl == controls) return;
        _accessControl = controls;
        for (var i = 0; i < _hierarchies.Count; i++)
        {
            var setup = new AccessControlSetup(Host.Configuration[i]);
            foreach (var function in _hierarchies[i].Functions) await setup.EnableAsync(function, controls);
        }
    }

    /// <summary>Host memory of a function for one direction, whole pages. It stays the function's, and another takes its place when more is wanted.</summary>
    public ulong BufferOf(LocatedFunction function, bool isRead, long bytes, ulong pageBytes = DmaWorkload.SmallPageBytes)
    {
        if (_buffers.TryGetValue((function.Path, isRead), out var buffer) && buffer.Bytes >= bytes && buffer.Address % pageBytes == 0) return buffer.Address;
        bytes = (long)(((ulong)bytes + pageBytes - 1) / pageBytes * pageBytes);
        try
        {
            var address = Host.Memory.Allocate((ulong)bytes, pageBytes);
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
