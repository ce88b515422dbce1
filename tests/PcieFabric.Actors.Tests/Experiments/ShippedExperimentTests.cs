using PcieFabric.Actors.Tests.Documents;
using PcieFabric.Experiments;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Experiments;

/// <summary>The experiments under <c>config</c> run, and what they claim holds.</summary>
public sealed class ShippedExperimentTests(ITestOutputHelper output)
{
    public static TheoryData<string> Files => Shipped.Names("experiments");

    [Theory]
    [MemberData(nameof(Files))]
    public void AShippedExperimentMeetsItsChecksWithAndWithoutTrains(string file)
    {
        var experiment = ExperimentReader.Read(Path.Combine(Shipped.Config, "experiments", file));
        var (result, outstanding) = Run(experiment, exact: false);

        foreach (var measurement in result.Measurements)
            output.WriteLine($"{measurement.Workload,-22} {new Quantity(measurement.SizeBytes, Dimension.Size),-8} {measurement.Metric,-10} {Text(measurement)}");
        output.WriteLine($"{result.Messages} messages and {result.Trains} trains, {result.VirtualTime}");
        Assert.Empty(result.Unfinished);
        Assert.All(result.Checks, check => Assert.True(check.IsMet, check.ToString()));
        Assert.Equal(0, outstanding);

        var (exact, _) = Run(experiment, exact: true);
        Assert.Equal(0, exact.Trains);
        Assert.Equal(exact.Measurements, result.Measurements);
        Assert.Equal(exact.Ways, result.Ways);
        Assert.Equal(exact.Counters, result.Counters);
        Assert.Equal(exact.VirtualTime, result.VirtualTime);
    }

    private static (ExperimentResult Result, long PayloadsOutstanding) Run(ExperimentDefinition experiment, bool exact)
    {
        using var run = ExperimentRun.Prepare(experiment);
        run.Fabric.Engine.IsExact = exact;
        return (run.Execute(), run.Fabric.Engine.PayloadsOutstanding);
    }

    private static string Text(Measurement measurement)
    {
        var values = measurement.Values;
        return values.Count == 1
            ? new Quantity(values.Mean, measurement.Metric.Dimension).ToString()
            : string.Join(" ", new[] { values.Min, values.Median, values.P99, values.Max }.Select(value => new Quantity(value, measurement.Metric.Dimension)));
    }
}
