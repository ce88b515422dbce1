namespace PcieFabric.Experiments;

/// <summary>A sample in five numbers.</summary>
public readonly record struct Distribution(long Count, double Min, double Median, double Mean, double P99, double Max)
{
    /// <summary>A single value.</summary>
    public static Distribution Of(double value) => new(1, value, value, value, value, value);

    /// <summary>Of a sample, which is sorted in place. Median and P99 are nearest ranks: values that did occur.</summary>
    public static Distribution Of(Span<long> sample)
    {
        if (sample.IsEmpty)
            return default;
        sample.Sort();
        double sum = 0;
        foreach (var value in sample)
            sum += value;
        return new(sample.Length, sample[0], Rank(sample, 50), sum / sample.Length, Rank(sample, 99), sample[^1]);

        static long Rank(Span<long> sorted, int percent) => sorted[(int)(((long)sorted.Length * percent + 99) / 100) - 1];
    }

    public double this[Statistic statistic] => statistic switch
    {
        Statistic.Min => Min,
        Statistic.Median => Median,
        Statistic.Mean => Mean,
        Statistic.P99 => P99,
        Statistic.Max => Max,
        _ => throw new ArgumentOutOfRangeException(nameof(statistic)),
    };
}
