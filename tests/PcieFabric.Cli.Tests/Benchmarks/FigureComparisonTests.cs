using PcieFabric.Cli.Benchmarks;

namespace PcieFabric.Cli.Tests.Benchmarks;

public class FigureComparisonTests
{
    [Theory]
    [InlineData(1.09, 0, nameof(Verdict.Same))]
    [InlineData(1.11, 0, nameof(Verdict.Worse))]
    [InlineData(0.91, 0, nameof(Verdict.Same))]
    [InlineData(0.89, 0, nameof(Verdict.Better))]
    // Runs that lie far apart hide what is smaller than their own noise.
    [InlineData(1.25, 0.05, nameof(Verdict.Same))]
    [InlineData(1.35, 0.05, nameof(Verdict.Worse))]
    public void AChangeCountsOnceItIsMoreThanTheNoise(double factor, double spread, string expected)
    {
        var comparison = Compare(Kept(100, 100 * spread), Kept(100 * factor, 100 * spread));

        Assert.Equal(expected, comparison.Verdict.ToString());
        Assert.Equal(factor - 1, comparison.Change!.Value, 6);
        Assert.Equal(Math.Max(0.1, 6 * spread), comparison.Tolerance!.Value, 6);
    }

    [Theory]
    [InlineData(0, 0.005, nameof(Verdict.Same))]
    [InlineData(0, 0.5, nameof(Verdict.Worse))]
    [InlineData(0.5, 0, nameof(Verdict.Better))]
    public void BytesWhereThereWereNoneAreSeen(double kept, double fresh, string expected) =>
        Assert.Equal(expected, Compare(Kept(kept, 0), Kept(fresh, 0)).Verdict.ToString());

    [Theory]
    [InlineData(-0.3, 4, nameof(Verdict.Same))]
    [InlineData(-0.3, 9, nameof(Verdict.Worse))]
    [InlineData(130, 140, nameof(Verdict.Same))]
    [InlineData(130, 150, nameof(Verdict.Worse))]
    public void PercentsNearZeroHaveAToleranceInPoints(double kept, double fresh, string expected) =>
        Assert.Equal(expected, Compare(Kept(kept, 0) with { Unit = "%" }, Kept(fresh, 0) with { Unit = "%" }).Verdict.ToString());

    [Fact]
    public void OneDisturbedRunDoesNotWidenTheTolerance() =>
        Assert.Equal(new Cost(Median: 101, Spread: 1), Cost.Of([100, 101, 102, 100, 900]));

    [Fact]
    public void AFigureThatIsNewAndOneThatIsGoneAreTold()
    {
        var kept = new BenchmarkResult("faked", "", 1, [Kept(1, 0) with { Name = "old" }]);
        var fresh = new BenchmarkResult("faked", "", 1, [Kept(1, 0) with { Name = "new" }, Kept(1, 0) with { Name = "count", Cost = null }]);

        var comparison = FigureComparison.Of([kept], [fresh]);

        Assert.Equal([("new", Verdict.New), ("old", Verdict.Gone)], comparison.Select(row => (row.Figure, row.Verdict)));
    }

    [Theory]
    [InlineData("1/s", true, 4e6, 100)]
    [InlineData("messages/s", true, 4e6, 100)]
    [InlineData("ns", false, 250, 100)]
    [InlineData("µs", false, 0.25, 100)]
    [InlineData("ms", false, 0.00025, 100)]
    [InlineData("s", false, 2.5e-7, 100)]
    [InlineData("GB/s", true, 10, 2)]
    [InlineData("B", false, 64, 64)]
    [InlineData("%", true, 50, 0.02)]
    public void ACostIsInTermsOfTheBoundAndLessIsBetter(string unit, bool moreIsBetter, double value, double expected) =>
        Assert.Equal(expected, MachineBound.Cost(new Figure("faked", value, unit, moreIsBetter), new MachineSpeed(400e6, 20e9)), 6);

    [Fact]
    public void ARateOfNothingIsOurOwnBug() =>
        Assert.Throws<InvalidOperationException>(() => MachineBound.Cost(new Figure("faked", 0, "1/s", MoreIsBetter: true), new MachineSpeed(400e6, 20e9)));

    private static FigureResult Kept(double median, double spread) => new("figure", "ns", median, median, median, MoreIsBetter: false, "queue", new Cost(median, spread));

    private static FigureComparison Compare(FigureResult kept, FigureResult fresh) =>
        Assert.Single(FigureComparison.Of([new BenchmarkResult("faked", "", 3, [kept])], [new BenchmarkResult("faked", "", 3, [fresh])]));
}
