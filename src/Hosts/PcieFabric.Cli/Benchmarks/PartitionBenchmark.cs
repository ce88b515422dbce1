using System.Diagnostics;
using System.Runtime;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>
/// The shipped rack, every endpoint writing to another without pause: in one partition on one thread, and in two on two threads. The two take turns at
/// pieces of the same run, so that what else the machine does meets both. Pieces are long enough that what they begin and end with does not count, and none counts while the
/// compiler is still at work, which has the one thread's other processor to itself and takes one of the two threads'.
/// </summary>
internal sealed class PartitionBenchmark : IBenchmark
{
    private const int Pieces = 15;
    private const int MostWarmUpPieces = 60;
    private static readonly SimTime Piece = SimTime.FromMicroseconds(10);

    /// <summary>Longer than the compiler waits for more before it begins with what has become hot.</summary>
    private static readonly TimeSpan CompilerQuiet = TimeSpan.FromMilliseconds(300);

    public string Name => "partitions";

    public string Description => "the rack with all endpoints busy, on one thread and on two";

    public IReadOnlyList<Figure> Run(CancellationToken cancellation)
    {
        var rack = TopologyReader.Read(Path.Combine(AppContext.BaseDirectory, "topologies", "rack.yaml")) with { Partitions = PartitionHint.None };
        var node = rack with { Hosts = [rack.Hosts[0]] };
        return
        [
            .. Compare("four hosts, to neighbours", rack, RackTraffic.ToNeighbour, cancellation),
            .. Compare("one host, to neighbours", node, RackTraffic.ToNeighbour, cancellation),
            .. Compare("one host, all to all", node, RackTraffic.ToAll, cancellation),
        ];
    }

    private static IEnumerable<Figure> Compare(string name, TopologyDefinition topology, Func<int, int, int> target, CancellationToken cancellation)
    {
        using var one = new RackTraffic(topology, partitions: 1, target, cancellation);
        using var two = new RackTraffic(topology, partitions: 2, target, cancellation);
        WarmUp(one, two, cancellation);
        var (ofOne, ofTwo, messages) = (TimeSpan.Zero, TimeSpan.Zero, 0L);
        var ratios = new List<double>();
        for (var piece = 0; piece < Pieces; piece++)
        {
            var before = one.Delivered;
            var (timeOfOne, timeOfTwo) = (Time(one, cancellation), Time(two, cancellation));
            if (one.Delivered != two.Delivered) throw new InvalidOperationException($"Invariant: partitions change nothing, but {two.Delivered} messages are not {one.Delivered}");
            (ofOne, ofTwo, messages) = (ofOne + timeOfOne, ofTwo + timeOfTwo, messages + one.Delivered - before);
            ratios.Add(timeOfOne / timeOfTwo);
        }
        ratios.Sort();
        return
        [
            new Figure($"{name}: one thread", messages / ofOne.TotalSeconds, "messages/s", MoreIsBetter: true),
            new Figure($"{name}: two threads", messages / ofTwo.TotalSeconds, "messages/s", MoreIsBetter: true),
            new Figure($"{name}: most that their shares allow", (double)two.Delivered / two.DeliveredByBusiest, "x"),
            new Figure($"{name}: two to one", ratios[Pieces / 2], "x", MoreIsBetter: true),
        ];
    }

    private static void WarmUp(RackTraffic one, RackTraffic two, CancellationToken cancellation)
    {
        var (compiled, quiet) = (TimeSpan.Zero, Stopwatch.StartNew());
        for (var piece = 0; piece < MostWarmUpPieces && quiet.Elapsed < CompilerQuiet; piece++)
        {
            Time(one, cancellation);
            Time(two, cancellation);
            if (JitInfo.GetCompilationTime() == compiled) continue;
            compiled = JitInfo.GetCompilationTime();
            quiet.Restart();
        }
    }

    private static TimeSpan Time(RackTraffic traffic, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        traffic.GoOn(Piece, cancellation);
        return watch.Elapsed;
    }
}
