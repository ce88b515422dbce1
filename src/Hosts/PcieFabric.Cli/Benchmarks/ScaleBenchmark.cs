using System.Diagnostics;
using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes;
using PcieFabric.Topologies.Building;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// What a function costs that does nothing, and what an event costs in fabrics of different sizes, on one thread: while sixteen functions write to host memory, and
/// while all do, each at the same pace; the sixteen are on sixteen cards in each.
/// </summary>
/// <param name="largest">Sixteen full segments too.</param>
internal sealed class ScaleBenchmark(bool largest) : IBenchmark
{
    private const int Few = 16;
    private const int LeastWrites = 1 << 18;

    /// <summary>Later than any enumeration ends.</summary>
    private static readonly SimTime FewStart = SimTime.FromSeconds(600), AllStart = SimTime.FromSeconds(1200);

    private static readonly int[] BusySizes = [Few, 256, 4096, LargeFabric.FunctionsOfSegment];

    public string Name => "scale";

    public string Description => "fabrics of up to 65,536 functions, or 1,048,576 with --all";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        var figures = new List<Figure>();
        int[] idleSizes = largest ? [4096, LargeFabric.FunctionsOfSegment, 16 * LargeFabric.FunctionsOfSegment] : [4096, LargeFabric.FunctionsOfSegment];
        foreach (var functions in idleSizes) Idle(functions, figures, cancellation);
        foreach (var functions in BusySizes) Busy(functions, figures, cancellation);
        figures.Add(new Figure($"{LargeFabric.FunctionsOfSegment:#,0} functions, all busy: their memory alone, an event", BusyMemory.Measure(LargeFabric.FunctionsOfSegment), "ns", MoreIsBetter: false));
        return figures;
    }

    private static void Idle(int functions, List<Figure> figures, CancellationToken cancellation)
    {
        var topology = LargeFabric.Segment(functions);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        using var fabric = FabricBuilder.Build(topology);
        var built = watch.Elapsed;
        var enumerated = LargeFabric.Enumerate(fabric, cancellation);
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        figures.Add(new Figure($"{functions:#,0} functions: build", built.TotalMilliseconds, "ms", MoreIsBetter: false));
        figures.Add(new Figure($"{functions:#,0} functions: enumerated, all kinds", enumerated.Functions, "", MoreIsBetter: true));
        figures.Add(new Figure($"{functions:#,0} functions: enumerate", enumerated.Elapsed.TotalMilliseconds, "ms", MoreIsBetter: false));
        figures.Add(new Figure($"{functions:#,0} functions: memory of each, all included", memory / (double)enumerated.Functions, "B", MoreIsBetter: false));
    }

    private static void Busy(int functions, List<Figure> figures, CancellationToken cancellation)
    {
        var options = new FabricOptions();
        options.Models["dma-test"] = _ => new SteadyWriter();
        using var fabric = FabricBuilder.Build(LargeFabric.Segment(functions), options);
        LargeFabric.Enumerate(fabric, cancellation, host => ProgramAsync(host, fabric), FewStart);
        figures.Add(new Figure($"{functions:#,0} functions, {Few} busy: an event", Traffic(fabric, FewStart, AllStart, cancellation), "ns", MoreIsBetter: false));
        figures.Add(new Figure($"{functions:#,0} functions, all busy: an event", Traffic(fabric, AllStart, SimTime.Never, cancellation), "ns", MoreIsBetter: false));
    }

    /// <summary>Tells a few functions to write from <see cref="FewStart"/> on, and all from <see cref="AllStart"/>.</summary>
    private static async Task ProgramAsync(Host host, Fabric fabric)
    {
        ulong[] registers = [.. fabric.Endpoints.Values.SelectMany(e => e.Functions).Select(f => new BarDecoder(f!.Space)[0].Base)];
        for (var i = 0; i < Few; i++) await StartAsync(registers[i * (registers.Length / Few)], LeastWrites / Few, FewStart);
        foreach (var register in registers) await StartAsync(register, Math.Max(8, LeastWrites / registers.Length), AllStart);

        async Task StartAsync(ulong register, int writes, SimTime start)
        {
            await host.Write32Async(register + SteadyWriter.Writes, (uint)writes);
            await host.Write32Async(register + SteadyWriter.StartMicroseconds, (uint)(start.Picoseconds / 1_000_000));
        }
    }

    /// <returns>Nanoseconds a message, once the busy functions all are.</returns>
    private static double Traffic(Fabric fabric, SimTime start, SimTime end, CancellationToken cancellation)
    {
        fabric.Engine.Run(start + SteadyWriter.Pause + SteadyWriter.Pause, cancellation: cancellation);
        var before = fabric.Engine.Delivered;
        var watch = Stopwatch.StartNew();
        fabric.Engine.Run(end, cancellation: cancellation);
        return watch.Elapsed.TotalNanoseconds / (fabric.Engine.Delivered - before);
    }
}
