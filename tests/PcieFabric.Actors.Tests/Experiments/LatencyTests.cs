using PcieFabric.Experiments;
using PcieFabric.Links;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>When operations begin and end, to the picosecond, and what follows from it.</summary>
public sealed class LatencyTests(ITestOutputHelper output)
{
    private static readonly LinkSettings Link = OneCard.Link(3, 8, 256, 512);

    /// <summary>With so few tags that the link idles, reads run at tags * size / latency (J. D. C. Little, 1961).</summary>
    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 512)]
    [InlineData(4, 64)]
    [InlineData(4, 256)]
    [InlineData(8, 128)]
    public void ATagLimitedReadObeysLittlesLaw(int tags, int size)
    {
        var alone = OneCard.Run(OneCard.On(Link), OneCard.Dma(true, false, size, outstanding: 1, count: 100, warmUp: 1)).Value(Metric.Latency);
        var bandwidth = OneCard.Run(OneCard.On(Link, tags), OneCard.Dma(true, false, size, outstanding: 64, count: 4000, warmUp: 200)).Value(Metric.Bandwidth);
        var expected = tags * size * 8 / (alone / 1e12);
        output.WriteLine($"{bandwidth / 1e9:0.0000} Gb/s, {(bandwidth / expected - 1) * 100:+0.000;-0.000} % off; alone a read takes {alone / 1e3} ns");
        Assert.InRange(bandwidth, expected * 0.99, expected * 1.01);
    }

    [Fact]
    public void AWriteEndsWhenItsLastByteIsInMemory()
    {
        var result = OneCard.Run(OneCard.On(Link), OneCard.Dma(false, true, 1024, outstanding: 1, count: 1, warmUp: 0));
        var wire = new WireClock(new LinkSettings().TlpBitsPerSecond);
        wire.Transmit(0, 4 * (256 + 20), out _, out var serialised);
        // From the function to its port, the four TLPs, the link, and from the root port to the memory.
        var expected = 10_000 + serialised + 50_000 + 20_000;
        Assert.Equal(expected, result.Value(Metric.Latency));
    }

    [Fact]
    public void AReadEndsWhenItsLastCompletionIsThere()
    {
        var result = OneCard.Run(OneCard.On(Link), OneCard.Dma(true, false, 512, outstanding: 1, count: 1, warmUp: 0));
        var wire = new WireClock(new LinkSettings().TlpBitsPerSecond);
        wire.Transmit(0, 20, out _, out var request);
        var answer = new WireClock(new LinkSettings().TlpBitsPerSecond);
        answer.Transmit(0, 256 + 20, out _, out _);
        answer.Transmit(0, 256 + 20, out _, out var completions);
        var expected = 2 * (10_000 + 50_000 + 20_000) + 200_000 + request + completions;
        Assert.Equal(expected, result.Value(Metric.Latency));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 5)]
    [InlineData(100, 61)]
    [InlineData(5000, 4093)]
    [InlineData(4096, 3)]
    [InlineData(4096, 64)]
    public void AnyAlignmentAndSizeArrivesWhole(int size, int misalignment)
    {
        var both = OneCard.Dma(true, true, size, outstanding: 7, count: 50, warmUp: 3) with { AlignmentOffsetBytes = misalignment, BufferBytes = 40_000 };
        var result = OneCard.Run(OneCard.On(Link), both);
        Assert.Equal(100, result.Value(Metric.Operations));
        Assert.InRange(result.Value(Metric.Bandwidth), 1e6, OneCard.ClosedForm(Link).ReadAndWrite(size) * 1.01);
    }

    [Fact]
    public void OperationsThatFindNoRoomTwiceInABufferWriteOverEachOtherInOrder()
    {
        var small = OneCard.Dma(false, true, 4096, outstanding: 16, count: 40, warmUp: 0) with { BufferBytes = 8192 };
        var result = OneCard.Run(OneCard.On(Link), small);
        Assert.Equal(40, result.Value(Metric.Operations));
    }

    [Fact]
    public void WorkloadsOfSeveralSizesFollowEachOther()
    {
        var sweep = OneCard.Dma(true, false, 64, outstanding: 4, count: 20, warmUp: 2) with { Name = "sweep", SizesBytes = [64, 4096, 128] };
        var then = OneCard.Dma(false, true, 64, outstanding: 4, count: 20, warmUp: 2) with { Name = "then" };
        var result = OneCard.Run(OneCard.On(Link), sweep, then);
        Assert.Equal([64, 4096, 128], result.Measurements.Where(m => m.Workload == "sweep" && m.Metric == Metric.Rate).Select(m => m.SizeBytes));
        Assert.All(result.Measurements.Where(m => m.Metric == Metric.Operations), m => Assert.Equal(20, m.Values.Mean));
        Assert.Equal(Metric.All.Except([Metric.TranslationHits]), result.Measurements.Where(m => m.Workload == "then").Select(m => m.Metric));
    }

    [Fact]
    public void RegistersTakeTheEndOfBar0AndTheRestIsMemory()
    {
        var mmio = new MmioWorkload { Name = "mmio", SizesBytes = [4, 60, 256], IsWrite = true, Count = 20, OffsetBytes = (64 << 10) - 64 - 256 };
        var result = OneCard.Run(OneCard.On(Link), mmio, new MmioWorkload { Name = "read", SizesBytes = [3, 512], IsWrite = false, Count = 20, OffsetBytes = 0x101 });
        Assert.All(result.Measurements.Where(m => m.Metric == Metric.Operations), m => Assert.Equal(20, m.Values.Mean));
    }
}
