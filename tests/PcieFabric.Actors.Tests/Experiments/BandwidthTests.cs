using PcieFabric.Experiments;
using PcieFabric.Links;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>What DMA reaches on a simulated link, against the closed form published with "Understanding PCIe performance for end host networking".</summary>
public sealed class BandwidthTests(ITestOutputHelper output)
{
    public enum Direction
    {
        Write,
        Read,
        ReadAndWrite,
    }

    /// <summary>Generation, width, MPS, MRRS, size.</summary>
    private static readonly (int Generation, int Width, int Mps, int Mrrs, int Size)[] Links =
    [
        (1, 1, 128, 128, 64),
        (1, 4, 128, 512, 4096),
        (2, 8, 256, 512, 256),
        (3, 8, 256, 512, 64),
        (3, 8, 256, 512, 4096),
        (3, 8, 128, 512, 1024),
        (3, 16, 512, 4096, 4096),
        (3, 8, 1024, 256, 512),
        (4, 4, 256, 512, 128),
        (4, 16, 256, 512, 4096),
        (5, 16, 512, 1024, 2048),
        (5, 8, 4096, 4096, 4096),
        (6, 16, 256, 4096, 4096),
    ];

    public static TheoryData<int, int, int, int, int, Direction> Combinations()
    {
        var combinations = new TheoryData<int, int, int, int, int, Direction>();
        foreach (var link in Links)
        {
            foreach (var direction in Enum.GetValues<Direction>())
                combinations.Add(link.Generation, link.Width, link.Mps, link.Mrrs, link.Size, direction);
        }
        return combinations;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void DmaReachesTheClosedForm(int generation, int width, int mps, int mrrs, int size, Direction direction)
    {
        var link = OneCard.Link(generation, width, mps, mrrs);
        var expected = Of(OneCard.ClosedForm(link), direction, size);
        var measured = Measure(link, direction, size);
        output.WriteLine($"{measured / 1e9:0.000} Gb/s, {(measured / expected - 1) * 100:+0.000;-0.000} % off the closed form's {expected / 1e9:0.000} Gb/s");
        Assert.InRange(measured, expected * 0.995, expected * 1.005);
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void WithRealDllpsDmaLiesBetweenThePublishedShareAndNone(int generation, int width, int mps, int mrrs, int size, Direction direction)
    {
        var link = OneCard.Link(generation, width, mps, mrrs);
        var least = Of(OneCard.ClosedForm(link), direction, size);
        var most = Of(OneCard.ClosedForm(link with { DllpMode = DllpMode.None }), direction, size);
        var measured = Measure(link with { DllpMode = DllpMode.Real }, direction, size);
        output.WriteLine($"{least / 1e9:0.000} <= {measured / 1e9:0.000} <= {most / 1e9:0.000} Gb/s: {(measured - least) / (most - least):0.00} of the way");
        Assert.InRange(measured, least * 0.9995, most);
    }

    private static double Of(EffectiveBandwidth closedForm, Direction direction, int size) => direction switch
    {
        Direction.Write => closedForm.Write(size),
        Direction.Read => closedForm.Read(size),
        _ => closedForm.ReadAndWrite(size),
    };

    private static double Measure(LinkSettings link, Direction direction, int size)
    {
        // So many that the link and not its latency decides: 4 us at 10 GB/s, and then some.
        var outstanding = Math.Clamp(256 * 1024 / size, 32, 512);
        var count = Math.Max(1000, 4 * outstanding);
        var workload = OneCard.Dma(direction != Direction.Write, direction != Direction.Read, size, outstanding, count, warmUp: 2 * outstanding);
        return OneCard.Run(OneCard.On(link), workload).Value(Metric.Bandwidth);
    }
}
