namespace PcieFabric.Experiments;

/// <summary>Turns what was recorded of one workload at one size into its metrics.</summary>
internal static class StepMeasurement
{
    private const double PicosecondsPerSecond = 1e12;

    /// <returns>One for each of <see cref="Metric.All"/> that there is something to say of, in this order; none without logs.</returns>
    public static IEnumerable<Measurement> Of(WorkloadDefinition workload, int sizeBytes, IReadOnlyList<OperationLog> logs, TranslationLookups translations)
    {
        if (logs.Count == 0) yield break;
        var latencies = Latencies(logs);
        if (latencies.Length > 0) yield return Measured(Metric.Latency, Distribution.Of(latencies));
        var (bitsPerSecond, operationsPerSecond) = Throughput(logs, sizeBytes);
        yield return Measured(Metric.Bandwidth, Distribution.Of(bitsPerSecond));
        yield return Measured(Metric.Rate, Distribution.Of(operationsPerSecond));
        yield return Measured(Metric.Operations, Distribution.Of(latencies.Length));
        yield return Measured(Metric.Errors, Distribution.Of(logs.Sum(log => (long)log.Failed + log.EndsPs.Count(end => end < 0))));
        if (translations.Total > 0) yield return Measured(Metric.TranslationHits, Distribution.Of(100.0 * translations.Hits / translations.Total));

        Measurement Measured(Metric metric, Distribution values) => new(workload.Name, metric, sizeBytes, values) { Point = workload.Point };
    }

    private static long[] Latencies(IReadOnlyList<OperationLog> logs)
    {
        var latencies = new List<long>(logs.Sum(log => log.EndsPs.Length - log.WarmUp));
        foreach (var log in logs)
        {
            for (var i = log.WarmUp; i < log.EndsPs.Length; i++)
                if (log.EndsPs[i] >= 0)
                    latencies.Add(log.EndsPs[i] - log.StartsPs[i]);
        }
        return [.. latencies];
    }

    private static (double BitsPerSecond, double OperationsPerSecond) Throughput(IReadOnlyList<OperationLog> logs, int sizeBytes)
    {
        double bits = 0, operations = 0;
        foreach (var group in logs.GroupBy(log => log.Group))
        {
            OperationLog[] begun = [.. group.Where(log => log.StartsPs.Length > log.WarmUp && log.StartsPs[log.WarmUp] >= 0)];
            if (begun.Length == 0) continue;
            // While all of them are past their warm-up and still begin operations; where that is too short for anything to arrive, all the time there is.
            var (slower, all) = Rates(begun, begun.Max(log => log.StartsPs[log.WarmUp]), begun.Min(log => log.StartsPs.Max()));
            if (slower == 0) (slower, all) = Rates(begun, begun.Min(log => log.StartsPs[0]), begun.Max(log => log.EndsPs.Max()));
            bits += slower * 8 * sizeBytes;
            operations += all;
        }
        return (bits, operations);
    }

    /// <summary>Operations a second whose data arrived: of the slower direction, and of both.</summary>
    private static (double Slower, double All) Rates(IReadOnlyList<OperationLog> logs, long fromPs, long toPs)
    {
        if (toPs <= fromPs) return default;
        var seconds = (toPs - fromPs) / PicosecondsPerSecond;
        var directions = logs.GroupBy(log => log.IsRead).Select(direction => direction.Sum(log => (double)log.Arrivals.Within(fromPs, toPs) / log.CarriedBytes)).ToList();
        return (directions.Min() / seconds, directions.Sum() / seconds);
    }
}
