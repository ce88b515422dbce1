using System.Text.Json.Nodes;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;

namespace PcieFabric.Experiments;

/// <summary>A metric, and which of its values if it has several: <c>latency p99</c>.</summary>
internal sealed class PlotMetricShape : ScalarShape<PlotMetric>
{
    private static readonly PlotMetric[] All = [.. Metric.All.SelectMany(metric => metric.HasStatistics ? Enum.GetValues<Statistic>().Select(statistic => new PlotMetric(metric, statistic)) : [new(metric)])];

    public override string Description => "a metric, with a statistic if it has several";

    public override string Reference => $"{string.Join(", ", Metric.All.Select(metric => $"`{metric}`"))}, or `latency` with a statistic";

    protected override PlotMetric Read(ScalarNode scalar, string what)
    {
        var words = scalar.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 1 && Metric.All.FirstOrDefault(metric => metric.Name == words[0]) is { } alone) return new PlotMetric(alone);
        return All.FirstOrDefault(one => one.ToString() == string.Join(' ', words))
            ?? throw new InputException($"{what} must be {Description}, not {scalar.Description}", Suggestion.For(scalar.Text, [.. All.Select(one => one.ToString())]), scalar.Location);
    }

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        new() { ["enum"] = new JsonArray([.. Metric.All.Where(metric => metric.HasStatistics).Select(metric => metric.Name).Concat(All.Select(one => one.ToString())).Select(name => (JsonNode)name)]) };
}
