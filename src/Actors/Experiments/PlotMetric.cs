namespace PcieFabric.Experiments;

/// <summary>What one diagram of an experiment's picture shows.</summary>
/// <param name="Statistic">Of the metric's values, where there are several.</param>
public sealed record PlotMetric(Metric Metric, Statistic Statistic)
{
    public PlotMetric(Metric metric)
        : this(metric, metric.DefaultStatistic)
    {
    }

    /// <summary>Of an experiment that does not say.</summary>
    public static readonly IReadOnlyList<PlotMetric> Default = [new(Metric.Bandwidth), new(Metric.Latency)];

    /// <summary><c>latency p99</c>, as a file says it.</summary>
    public override string ToString() => Metric.HasStatistics ? $"{Metric} {Statistic.ToString().ToLowerInvariant()}" : Metric.Name;
}
