using System.Text.Json.Serialization;
using PcieFabric.Experiments;

namespace PcieFabric.Cli.Experiments;

/// <summary>What <c>run --json</c> prints.</summary>
/// <param name="Met">All checks are met and everything came to its end; the exit code says the same.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Measured">A row for each workload and size.</param>
/// <param name="Counters">Errors that actors counted, those of enumeration included.</param>
/// <param name="Unfinished">What never came to its end.</param>
/// <param name="Messages">Delivered to actors.</param>
/// <param name="Digest">Of all messages, in hex: equal for equal runs.</param>
internal sealed record RunReport(
    string Experiment, bool Met, ulong Seed, IReadOnlyList<RunReport.Row> Measured, IReadOnlyList<RunReport.CheckLine> Checks, IReadOnlyList<RunReport.Counter> Counters,
    IReadOnlyList<string> Unfinished, long VirtualTimePs, long Messages, double WallSeconds, string Digest)
{
    internal sealed record Row(string Workload, int SizeBytes, double BitsPerSecond, double OperationsPerSecond, long Operations, long Errors, Latency? LatencyPs);

    internal sealed record Latency(double Min, double Median, double Mean, double P99, double Max);

    /// <param name="Observed">The value furthest from meeting it, in the metric's base unit: ps, b/s, /s or a count. Null if nothing was measured.</param>
    internal sealed record CheckLine(string Workload, string Check, bool Met, double? Observed, int? SizeBytes, [property: JsonIgnore] string Text);

    internal sealed record Counter(string Actor, string Name, long Value);

    public static RunReport Of(ExperimentResult result, TimeSpan wall) => new(
        result.Experiment.Name,
        result.IsMet,
        result.Seed,
        [.. result.Measurements.GroupBy(measurement => (measurement.Workload, measurement.SizeBytes)).Select(RowOf)],
        [.. result.Checks.Select(check => new CheckLine(check.Check.Workload, check.Check.Text, check.IsMet, check.Observed?.Value, check.Decisive?.SizeBytes, Observation(check)))],
        [.. result.Counters.Select(counter => new Counter(counter.Actor, counter.Name, counter.Value))],
        result.Unfinished,
        result.VirtualTime.Picoseconds,
        result.Messages,
        wall.TotalSeconds,
        (result.Digest ?? 0).ToString("x16"));

    private static Row RowOf(IGrouping<(string Workload, int SizeBytes), Measurement> group)
    {
        var latency = group.FirstOrDefault(measurement => measurement.Metric == Metric.Latency)?.Values;
        return new Row(
            group.Key.Workload, group.Key.SizeBytes, Mean(Metric.Bandwidth), Mean(Metric.Rate), (long)Mean(Metric.Operations), (long)Mean(Metric.Errors),
            latency is { } values ? new Latency(values.Min, values.Median, values.Mean, values.P99, values.Max) : null);

        double Mean(Metric metric) => group.Single(measurement => measurement.Metric == metric).Values.Mean;
    }

    private static string Observation(CheckResult check) =>
        check.Observed is { } observed ? $"{observed} at {new Units.Quantity(check.Decisive!.SizeBytes, Units.Dimension.Size)}" : "nothing was measured";
}

/// <summary>Serialisation made at build time.</summary>
[JsonSerializable(typeof(RunReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class RunJson : JsonSerializerContext;
