using System.Diagnostics;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>The shipped rack of 4,096 functions: built and enumerated on one thread, and what it takes of memory.</summary>
internal sealed class RackBenchmark : IBenchmark
{
    public string Name => "rack";

    public string Description => "the rack of 4,096 functions, enumerated";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        var topology = TopologyReader.Read(Path.Combine(AppContext.BaseDirectory, "topologies", "rack.yaml"));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        using var fabric = FabricBuilder.Build(topology);
        var built = watch.Elapsed;
        var enumerated = LargeFabric.Enumerate(fabric, cancellation).Elapsed;
        var functions = fabric.Endpoints.Values.SelectMany(e => e.Functions).Where(f => f is not null).ToList();
        var configuration = functions.Sum(f => f!.Space.State.Length * sizeof(uint)) + fabric.Ports.Values.Sum(p => p.Space.State.Length * sizeof(uint));
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before - configuration;
        return
        [
            new Figure("functions", functions.Count, ""),
            new Figure("build", built.TotalMilliseconds, "ms", MoreIsBetter: false),
            new Figure("enumerate", enumerated.TotalMilliseconds, "ms", MoreIsBetter: false),
            new Figure("configuration registers a function", configuration / (double)functions.Count, "B"),
            new Figure("other memory a function", memory / (double)functions.Count, "B", MoreIsBetter: false),
        ];
    }
}
