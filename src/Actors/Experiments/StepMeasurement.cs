namespace PcieFabric.Experiments;

/// <summary>Turns what was recorded of one workload at one size into its metrics.</summary>
internal static class StepMeasurement
{
    private const double PicosecondsPerSecond = 1e12;

    /// <returns>One for each of <see cref="Metric.All"/>, in this order; none without logs.</returns>
    public static IEnumerable<Measurement> Of(WorkloadDefinition workload, int sizeBytes, IReadOnlyList<OperationLog> logs)
    {
        if (logs.Count == 0) yield break;
        var latencies = Latencies(logs);
        if (latencies.Length > 0) yield return Measured(Metric.Latency, Distribution.Of(latencies));
        var (bitsPerSecond, operationsPerSecond) = Throughput(logs, sizeBytes);
        yield return Measured(Metric.Bandwidth, Distribution.Of(bitsPerSecond));
        yield return Measured(Metric.Rate, Distribution.Of(operationsPerSecond));
        yield return Measured(Metric.Operations, Distribution.Of(latencies.Length));
        yield return Measured(Metric.Errors, Distribution.Of(logs.Sum(log => (long)log.Failed + log.EndsPs.Count(end => end < 0))));

        Measurement Measured(Metric metric, Distribution values) => new(workload.Name, metric, sizeBytes, values);
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
            var (fromPs, toPs) = SteadyWindow([.. group]);
            if (toPs <= fromPs) continue;
            var seconds = (toPs - fromPs) / PicosecondsPerSecond;
            var directions = group.GroupBy(log => log.IsRead).Select(direction => direction.Sum(log => (double)log.Arrivals.Within(fromPs, toPs) / log.CarriedBytes)).ToList();
            bits += directions.Min() * 8 * sizeBytes / seconds;
            operations += directions.Sum() / seconds;
        }
        return (bits, operations);
    }

    /// <summary>While all of them are past their warm-up and still begin operations; where no such time is, from the first start to the last end.</summary>
    private static (long FromPs, long ToPs) SteadyWindow(IReadOnlyList<OperationLog> logs)
    {
        var begun = logs.Where(log => log.StartsPs.Length > log.WarmUp && log.StartsPs[log.WarmUp] >= 0).ToList();
        if (begun.Count == 0) return default;
        var fromPs = begun.Max(log => log.StartsPs[log.WarmUp]);
        var toPs = begun.Min(log => log.StartsPs.Max());
        return fromPs < toPs
            ? (fromPs, toPs)
            : (begun.Min(log => log.StartsPs[log.WarmUp]), begun.Max(log => log.EndsPs.Max()));
    }
}
