using PcieFabric.Experiments;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Cli.Plots;

/// <summary>Decides what a picture of an experiment shows: which setting is the abscissa, and what the series are.</summary>
internal static class ExperimentPlot
{
    private const string Size = "size";
    private const string Workload = "workload";

    /// <exception cref="InputException">Nothing is swept, and there are no workloads to compare.</exception>
    public static void Require(ExperimentDefinition experiment)
    {
        if (experiment.Workloads.Count == 1 && experiment.Workloads[0].SizesBytes.Count == 1)
            throw new InputException($"--plot: '{experiment.Name}' has nothing to plot: one workload at one point", "give 'sizes' or another setting a list of values", experiment.Source);
    }

    /// <summary>A diagram for each metric that the experiment plots and each setting that workloads sweep. Without diagrams if nothing was measured.</summary>
    public static Plot Of(ExperimentResult result)
    {
        var measured = result.Measurements.GroupBy(measurement => measurement.Workload, StringComparer.Ordinal).Select(workload => new SweptWorkload(workload.Key, [.. workload])).ToList();
        var groups = measured.GroupBy(workload => workload.Abscissa ?? (measured.Exists(other => other.Abscissa == Size) ? Size : Workload), StringComparer.Ordinal).ToList();
        var names = new List<string>();
        var diagrams = new List<Diagram>();
        foreach (var group in groups)
            foreach (var metric in result.Experiment.Plot)
                if (DiagramOf(group.Key, [.. group], metric, names) is { } diagram) diagrams.Add(diagram);
        return new Plot(result.Experiment.Name, diagrams, names);
    }

    private static Diagram? DiagramOf(string abscissa, IReadOnlyList<SweptWorkload> workloads, PlotMetric metric, List<string> names)
    {
        var points = workloads.SelectMany(workload => workload.Of(metric.Metric)
            .Select(measurement => (Series: SeriesOf(workload, measurement, abscissa, workloads.Count > 1), Place: PlaceOf(measurement, abscissa), Value: measurement.Values[metric.Statistic]))).ToList();
        if (points.Count == 0) return null;
        List<DiagramPlace> places = [.. points.Select(point => point.Place).Distinct()];
        if (places.TrueForAll(place => place.Value is not null)) places = [.. places.OrderBy(place => place.Value)];
        foreach (var name in points.Select(point => point.Series).Distinct().Where(name => !names.Contains(name))) names.Add(name);
        var series = points.GroupBy(point => point.Series, StringComparer.Ordinal)
            .Select(line => new DiagramSeries(line.Key, names.IndexOf(line.Key), [.. line.Select(point => (places.IndexOf(point.Place), point.Value)).OrderBy(point => point.Item1)])).ToList();
        var isGeometric = AxisScale.IsGeometric([.. places.Select(place => place.Value ?? 0)]);
        return new Diagram(metric.ToString(), abscissa, places, AxisScale.Of([.. points.Select(point => point.Value)], metric.Metric.Dimension, isGeometric), series);
    }

    private static DiagramPlace PlaceOf(Measurement measurement, string abscissa) => abscissa switch
    {
        Size => new DiagramPlace(new Quantity(measurement.SizeBytes, Dimension.Size).ToString(), measurement.SizeBytes),
        Workload => new DiagramPlace(measurement.Workload, null),
        _ => measurement.Point[abscissa] is { } setting ? new DiagramPlace(setting.Text, setting.Value?.Value) : throw new InvalidOperationException($"Invariant: {measurement.Workload} sweeps {abscissa}"),
    };

    /// <summary>The workload, where there are several, and all settings that vary beside the abscissa; a word speaks for itself.</summary>
    private static string SeriesOf(SweptWorkload workload, Measurement measurement, string abscissa, bool named)
    {
        var settings = measurement.Point.Settings.Where(setting => setting.Key != abscissa && workload.Varies(setting.Key)).Select(setting => setting.Value is null ? setting.Text : setting.ToString());
        string[] parts = [.. named && abscissa != Workload ? [workload.Name] : Array.Empty<string>(), .. settings];
        return parts.Length > 0 ? string.Join(", ", parts) : abscissa == Workload ? "" : workload.Name;
    }

    /// <summary>What was measured of a workload, all of its points.</summary>
    private sealed class SweptWorkload(string name, IReadOnlyList<Measurement> measurements)
    {
        public string Name => name;

        /// <summary>Its sizes, if it has several, or the first setting with several values; null where it has one point only.</summary>
        public string? Abscissa =>
            measurements.Select(measurement => measurement.SizeBytes).Distinct().Count() > 1 ? Size : measurements[0].Point.Settings.Select(setting => setting.Key).FirstOrDefault(Varies);

        public bool Varies(string key) => measurements.Select(measurement => measurement.Point[key]).Distinct().Count() > 1;

        public IEnumerable<Measurement> Of(Metric metric) => measurements.Where(measurement => measurement.Metric == metric && measurement.Values.Count > 0);
    }
}
