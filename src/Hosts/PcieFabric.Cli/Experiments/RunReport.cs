using System.Globalization;
using System.Text.Json.Serialization;
using PcieFabric.Experiments;

namespace PcieFabric.Cli.Experiments;

/// <summary>What <c>run --json</c> prints.</summary>
/// <param name="Met">All checks are met and everything came to its end; the exit code says the same.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Measured">A row for each workload, point of its sweep and size.</param>
/// <param name="Counters">Errors that actors counted, those of enumeration included.</param>
/// <param name="Unfinished">What never came to its end.</param>
/// <param name="Messages">Delivered to actors.</param>
/// <param name="Trains">Stretches of bulk transfers that stood for many messages each, which are not counted.</param>
/// <param name="Digest">Of all messages, in hex: equal for equal runs. Null where some may have gone by train.</param>
internal sealed record RunReport(
    string Experiment, bool Met, ulong Seed, IReadOnlyList<RunReport.Row> Measured, IReadOnlyList<RunReport.CheckLine> Checks, IReadOnlyList<RunReport.Counter> Counters,
    IReadOnlyList<string> Unfinished, long VirtualTimePs, long Messages, long Trains, double WallSeconds, string? Digest)
{
    /// <param name="Point">The values of settings that are swept; none where nothing is.</param>
    /// <param name="TranslationHitsPercent">Null where no IOMMU translated.</param>
    /// <param name="Way">Of traffic between peers; null of other traffic.</param>
    internal sealed record Row(
        string Workload, IReadOnlyDictionary<string, string> Point, int SizeBytes, double BitsPerSecond, double OperationsPerSecond, long Operations, long Errors, Latency? LatencyPs,
        double? TranslationHitsPercent, string? Way);

    internal sealed record Latency(double Min, double Median, double Mean, double P99, double Max);

    /// <param name="Observed">The value furthest from meeting it, in the metric's base unit: ps, b/s, /s or a count. Null if nothing was measured.</param>
    /// <param name="Place">Where that was: a size, and values of settings that are swept.</param>
    internal sealed record CheckLine(string Workload, string Check, bool Met, double? Observed, int? SizeBytes, string? Place, [property: JsonIgnore] string Text);

    internal sealed record Counter(string Actor, string Name, long Value);

    public static RunReport Of(ExperimentResult result, TimeSpan wall) => new(
        result.Experiment.Name,
        result.IsMet,
        result.Seed,
        [.. result.Measurements.GroupBy(measurement => new RowKey(measurement.Workload, measurement.Point, measurement.SizeBytes)).Select(row => RowOf(row, result.Ways))],
        [.. result.Checks.Select(check => new CheckLine(check.Check.Workload, check.Check.Text, check.IsMet, check.Observed?.Value, check.Decisive?.SizeBytes, check.Decisive?.Place, Observation(check)))],
        [.. result.Counters.Select(counter => new Counter(counter.Actor, counter.Name, counter.Value))],
        result.Unfinished,
        result.VirtualTime.Picoseconds,
        result.Messages,
        result.Trains,
        wall.TotalSeconds,
        result.Digest?.ToString("x16", CultureInfo.InvariantCulture));

    private readonly record struct RowKey(string Workload, SweepPoint Point, int SizeBytes);

    private static Row RowOf(IGrouping<RowKey, Measurement> group, IReadOnlyList<WorkloadWay> ways)
    {
        var latency = group.FirstOrDefault(measurement => measurement.Metric == Metric.Latency)?.Values;
        return new Row(
            group.Key.Workload, group.Key.Point.Settings.ToDictionary(setting => setting.Key, setting => setting.Text), group.Key.SizeBytes,
            Mean(Metric.Bandwidth), Mean(Metric.Rate), (long)Mean(Metric.Operations), (long)Mean(Metric.Errors),
            latency is { } values ? new Latency(values.Min, values.Median, values.Mean, values.P99, values.Max) : null,
            group.FirstOrDefault(measurement => measurement.Metric == Metric.TranslationHits)?.Values.Mean,
            ways.FirstOrDefault(way => new RowKey(way.Workload, way.Point, way.SizeBytes) == group.Key)?.Text);

        double Mean(Metric metric) => group.Single(measurement => measurement.Metric == metric).Values.Mean;
    }

    private static string Observation(CheckResult check) =>
        check.Observed is { } observed ? $"{observed} at {check.Decisive!.Place}" : "nothing was measured";
}

/// <summary>Serialisation made at build time.</summary>
[JsonSerializable(typeof(RunReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class RunJson : JsonSerializerContext;
