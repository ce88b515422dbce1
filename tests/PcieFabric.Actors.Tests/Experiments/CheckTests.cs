using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.Experiments;

public sealed class CheckTests
{
    private static Check Parse(string text, params int[] sizes) => CheckParser.Parse(new ScalarNode(new("e.yaml", 1, 1), text, true, 1), "w", sizes, []);

    private static Measurement Bandwidth(double gigabits, int size = 4096, string workload = "w") => new(workload, Metric.Bandwidth, size, Distribution.Of(gigabits * 1e9));

    [Fact]
    public void ACheckIsReadWithUnitsToleranceAndSize()
    {
        var check = Parse("latency p99 <= 2.5 us within 1 % at 4 KiB", 64, 4096);
        Assert.Equal((Metric.Latency, Statistic.P99, Comparison.AtMost, new Quantity(2.5e6, Dimension.Time), 1.0, 4096),
            (check.Metric, check.Statistic, check.Operator, check.Value, check.TolerancePercent, check.SizeBytes!.Value));
    }

    [Fact]
    public void BlanksMayBeLeftOutAndGigabytesAreEightGigabits()
    {
        var check = Parse("bandwidth>=6.25GB/s");
        Assert.Equal(new Quantity(50e9, Dimension.Bandwidth), check.Value);
        Assert.Null(check.SizeBytes);
    }

    [Fact]
    public void LatencyIsTheMedianUnlessSaidOtherwise() => Assert.Equal(Statistic.Median, Parse("latency < 1 us").Statistic);

    [Theory]
    [InlineData("bandwidth >= 50 Gb/s", 50, true)]
    [InlineData("bandwidth > 50 Gb/s", 50, false)]
    [InlineData("bandwidth <= 50 Gb/s", 50, true)]
    [InlineData("bandwidth < 50 Gb/s", 50, false)]
    [InlineData("bandwidth == 50 Gb/s", 50, true)]
    [InlineData("bandwidth == 50 Gb/s", 50.1, false)]
    [InlineData("bandwidth == 50 Gb/s within 0.5 %", 50.2, true)]
    [InlineData("bandwidth == 50 Gb/s within 0.5 %", 49.7, false)]
    [InlineData("bandwidth >= 50 Gb/s within 2 %", 49.1, true)]
    [InlineData("bandwidth >= 50 Gb/s within 2 %", 48.9, false)]
    [InlineData("bandwidth <= 50 Gb/s within 2 %", 51.1, false)]
    public void ACheckHoldsOrNot(string text, double gigabits, bool isMet) => Assert.Equal(isMet, Parse(text).Evaluate([Bandwidth(gigabits)]).IsMet);

    [Fact]
    public void WithoutASizeItMustHoldAtEverySizeAndTheWorstIsShown()
    {
        var result = Parse("bandwidth >= 50 Gb/s").Evaluate([Bandwidth(60, 4096), Bandwidth(42, 64), Bandwidth(49, 128)]);
        Assert.False(result.IsMet);
        Assert.Equal("bandwidth >= 50 Gb/s: 42 Gb/s at 64 B", result.ToString());
    }

    [Fact]
    public void WithASizeOnlyThatSizeCounts()
    {
        var result = Parse("bandwidth >= 50 Gb/s at 4 KiB", 64, 4096).Evaluate([Bandwidth(42, 64), Bandwidth(52.923214, 4096)]);
        Assert.True(result.IsMet);
        Assert.Equal("bandwidth >= 50 Gb/s at 4 KiB: 52.92 Gb/s at 4 KiB", result.ToString());
    }

    [Fact]
    public void OtherWorkloadsAndMetricsDoNotCount()
    {
        Measurement[] others = [Bandwidth(99, workload: "other"), new("w", Metric.Rate, 4096, Distribution.Of(1e12))];
        var result = Parse("bandwidth >= 50 Gb/s").Evaluate(others);
        Assert.False(result.IsMet);
        Assert.Null(result.Observed);
        Assert.Equal("bandwidth >= 50 Gb/s: nothing was measured", result.ToString());
    }

    [Fact]
    public void AnEmptySampleMeetsNoCheck() =>
        Assert.False(Parse("latency <= 1 s").Evaluate([new Measurement("w", Metric.Latency, 64, Distribution.Of([]))]).IsMet);

    [Fact]
    public void ADistributionKeepsValuesThatDidOccur()
    {
        long[] sample = [.. Enumerable.Range(1, 100).Select(value => (long)value).Reverse()];
        Assert.Equal(new Distribution(100, 1, 50, 50.5, 99, 100), Distribution.Of(sample));
        Assert.Equal(new Distribution(1, 7, 7, 7, 7, 7), Distribution.Of([7]));
    }
}
