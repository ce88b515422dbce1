using System.Text.Json.Nodes;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;

namespace PcieFabric.Experiments;

/// <summary>The text of a check, which <see cref="CheckParser"/> reads once the workload's name and sizes are known.</summary>
internal sealed class CheckShape : ScalarShape<ScalarNode>
{
    public override string Description => "a check such as 'bandwidth >= 50 Gb/s at 4 KiB'";

    protected override ScalarNode Read(ScalarNode scalar, string what) => scalar;

    public override JsonObject Schema(SchemaDefinitions definitions) => new()
    {
        ["type"] = "string",

        ["pattern"] = "^\\s*(" + string.Join('|', Metric.All.Select(metric => metric.Name)) + ")(\\s+(" + string.Join('|', Enum.GetNames<Statistic>()).ToLowerInvariant() + "))?\\s*(<=|>=|==|<|>)\\s*[0-9].*$",
        ["description"] = string.Join("\n", Metric.All.Select(metric => $"{metric.Name}: {metric.Documentation}")),
    };
}
