using PcieFabric.Addressing;
using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.Iommus;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Iommus;

/// <summary>A host with an IOMMU, two cards below a switch and one below a second root port, and what tests of it have in common.</summary>
internal sealed class IommuRig : IDisposable
{
    private const int AtsCapability = 0x0F;

    private readonly List<DmaProbe> _probes = [];
    private readonly List<ulong> _bars = [];
    private bool _finished;

    /// <param name="iommu">Its keys.</param>
    /// <param name="host">Other keys of the host.</param>
    public IommuRig(string iommu = "", bool ats = false, int partitions = 1, ulong seed = 1, string host = "memory: 64 MiB")
    {
        var text = $$"""
            name: rig
            functions:
              probe:
                vendor: 0x1d0f
                device: 0x20
                model: probe
                bars: [{ index: 0, size: 4 KiB }]
                capabilities: { ats: {}, pasid: {} }
            endpoints:
              card: { functions: [probe] }
            switches:
              fan: { ports: [{ attach: card }, { attach: card }] }
            hosts:
              host0: { {{host}}, iommu: { {{iommu}} }, ports: [{ attach: fan }, { attach: card }] }
            """;
        Fabric = FabricBuilder.Build(TopologyReader.Read(new SourceText("rig.yaml", text)), new FabricOptions
        {
            Partitions = partitions,
            Seed = seed,
            Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>>
            {
                ["probe"] = _ =>
                {
                    _probes.Add(new DmaProbe { UsesAts = ats });
                    return _probes[^1];
                },
            },
        });
    }

    public PcieFabric.Topologies.Building.Fabric Fabric { get; }

    public Iommu Iommu => Fabric.Iommus["host0"];

    public RootComplex RootComplex => Fabric.Hosts["host0"];

    /// <summary>The cards' functions, below the switch first.</summary>
    public IReadOnlyList<DmaProbe> Probes => _probes;

    public List<EnumeratedFunction> Functions { get; } = [];

    public Bdf Id(int probe) => Functions[probe].Bdf;

    /// <summary>The address of a probe's register.</summary>
    public ulong Bar(int probe) => _bars[probe];

    /// <summary>Enumerates, runs the test as host software, and wants it to end and to leave nothing behind.</summary>
    /// <param name="stopped">Functions whose code fails.</param>
    public void Run(Func<Host, HostIommu, Task> test, SimTime? until = null, int threads = 1, int stopped = 0)
    {
        RootComplex.Run(async host =>
        {
            var hierarchy = host.Hierarchies[0];
            var tree = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable, Io = hierarchy.Io }).RunAsync();
            foreach (var function in tree.Functions.Where(f => !f.IsBridge))
            {
                Functions.Add(function);
                _bars.Add(function.Bars[0].Range.Base);
            }
            await test(host, host.Iommu!);
            _finished = true;
        });
        Fabric.Engine.Run(until, threads);
        Assert.True(Fabric.Engine.Stopped.Count() == stopped, string.Join('\n', Fabric.Engine.Stopped));
        Assert.True(_finished, "host software waits for something that never happens");
        if (until is null) Assert.Equal(0, Fabric.Engine.PayloadsOutstanding);
    }

    /// <summary>Has a probe do something, and waits until it is done and what it wrote is in memory: the answer to the poll comes behind it.</summary>
    /// <param name="poll">How often to look; 200 ns if left out.</param>
    public async Task DoAsync(Host host, int probe, Func<DmaProbe, Task> order, SimTime? poll = null)
    {
        var number = _probes[probe].Add(order);
        await host.Write32Async(_bars[probe], (uint)number);
        while (await host.Read32Async(_bars[probe]) <= number) await host.DelayAsync(poll ?? SimTime.FromNanoseconds(200));
    }

    public async Task EnableAtsAsync(Host host, int probe, int smallestUnitShift = 0)
    {
        var at = Functions[probe].FindExtendedCapability(AtsCapability)!.Value + 4;
        await host.Configuration[0].WriteAsync(Id(probe), at, 1u << 31 | (uint)smallestUnitShift << 16);
    }

    public static byte[] Bytes(int count, int first = 1) => [.. Enumerable.Range(first, count).Select(i => (byte)i)];

    public void Dispose() => Fabric.Dispose();
}
