using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.Ports;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.Fabrics;

/// <summary>A small fabric with a probe in every function, and its one host's software.</summary>
internal sealed class TestFabric : IDisposable
{
    private readonly List<Probe> _probes = [];

    public TestFabric(TopologyDefinition topology, ulong seed = 1, int partitions = 1, bool taps = true)
    {
        Fabric = FabricBuilder.Build(topology, new FabricOptions
        {
            Seed = seed,
            Partitions = partitions,
            Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { [Parts.ProbeModel] = MakeProbe },
        });
        foreach (var (actor, probe) in Fabric.Functions.Values.Zip(_probes)) (probe.Requester, probe.Payloads) = (actor.Requester, actor.Payloads);
        Tap = new Tap(Fabric, taps);
    }

    public Fabric Fabric { get; }

    public Tap Tap { get; }

    public DeterministicEngine Engine => Fabric.Engine;

    public RootComplex Root => Fabric.Hosts.Values.First();

    /// <summary>In the order of the topology.</summary>
    public IReadOnlyList<Probe> Probes => _probes;

    /// <summary>Runs software on a host whose hierarchies have been enumerated, to the end, and finds the fabric at rest.</summary>
    public void Run(Func<Host, Bus, Task> software, EnumeratorOptions? options = null, int threads = 1)
    {
        Root.Run(async host => await software(host, await Bus.EnumerateAsync(host, options)));
        Engine.Run(threads: threads);
        AtRest.Check(Fabric);
    }

    public LinkPort LinkOf(string path) => Fabric.Ports.TryGetValue(path, out var port) ? port.Link : Fabric.Endpoints[path].Link;

    private Probe MakeProbe(FunctionDefinition definition)
    {
        var probe = new Probe();
        _probes.Add(probe);
        return probe;
    }

    public void Dispose() => Fabric.Dispose();
}
