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
    public void AShippedExperimentMeetsItsChecks(string file)
    {
        var experiment = ExperimentReader.Read(Path.Combine(Shipped.Config, "experiments", file));
        using var run = ExperimentRun.Prepare(experiment);
        var result = run.Execute();

        foreach (var measurement in result.Measurements)
            output.WriteLine($"{measurement.Workload,-22} {new Quantity(measurement.SizeBytes, Dimension.Size),-8} {measurement.Metric,-10} {Text(measurement)}");
        output.WriteLine($"{result.Messages} messages, {result.VirtualTime}");
        Assert.Empty(result.Unfinished);
        Assert.All(result.Checks, check => Assert.True(check.IsMet, check.ToString()));
        Assert.Equal(0, run.Fabric.Engine.PayloadsOutstanding);
    }

    private static string Text(Measurement measurement)
    {
        var values = measurement.Values;
        return values.Count == 1
            ? new Quantity(values.Mean, measurement.Metric.Dimension).ToString()
            : string.Join(" ", new[] { values.Min, values.Median, values.P99, values.Max }.Select(value => new Quantity(value, measurement.Metric.Dimension)));
    }
}
