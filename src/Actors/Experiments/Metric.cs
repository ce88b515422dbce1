using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>Something that every workload is measured by, for each size.</summary>
public sealed record Metric(string Name, Dimension Dimension, Statistic DefaultStatistic, string Documentation)
{
    public static readonly Metric Latency = new("latency", Dimension.Time, Statistic.Median,
        "From the start of an operation to its end: the last completion of a read, or the arrival of the last byte of a write.");

    public static readonly Metric Bandwidth = new("bandwidth", Dimension.Bandwidth, Statistic.Mean,
        "Payload of all functions of the workload together, as it arrives while all of them are at it: past their warm-up, and still beginning operations. "
        + "Reads and writes of dma-read-write count separately; the smaller counts. Hosts add up.");

    public static readonly Metric Rate = new("rate", Dimension.Rate, Statistic.Mean,
        "Operations of all functions of the workload together in a second, over the same time as the bandwidth.");

    public static readonly Metric Operations = new("operations", Dimension.Count, Statistic.Mean,
        "Operations that ended, well or badly, of all functions together.");

    public static readonly Metric Errors = new("errors", Dimension.Count, Statistic.Mean,
        "Operations that ended badly: an error completion, a timeout, poison or wrong data.");

    public static readonly Metric TranslationHits = new("io-tlb-hits", Dimension.Percentage, Statistic.Mean,
        "Of the requests that an IOMMU translated, and of the translations that functions asked it for, how many were in its IO-TLB. Warm-up counts; nothing is measured where nothing is translated.");

    public static readonly IReadOnlyList<Metric> All = [Latency, Bandwidth, Rate, Operations, Errors, TranslationHits];

    /// <summary>Its values differ from operation to operation; the others are one value for all of them.</summary>
    public bool HasStatistics => this == Latency;

    public bool Equals(Metric? other) => other is not null && Name == other.Name;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

    public override string ToString() => Name;
}

/// <summary>Which value of a distribution; all are the same where there is one value only.</summary>
public enum Statistic
{
    Min,
    Median,
    Mean,
    P99,
    Max,
}
