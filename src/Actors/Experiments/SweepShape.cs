using System.Text.Json.Nodes;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>A setting that may be a list.</summary>
internal interface ISweepShape
{
    /// <summary>One item of the list, checked.</summary>
    SweepSetting Read(string key, Node item);
}

/// <summary>One value, or a list of them that <see cref="SweptRecordShape{T}"/> takes one by one.</summary>
/// <param name="dimension">Of numbers; null for words.</param>
internal sealed class SweepShape<T>(Shape<T> inner, Dimension? dimension = null) : Shape<T>, ISweepShape
{
    public override string Description => inner.Description;

    public override string Reference => $"{inner.Reference}; or a list";

    public override T Read(Node node, string what) => inner.Read(node, what);

    public SweepSetting Read(string key, Node item)
    {
        inner.Read(item, $"an item of '{key}'");
        var text = ((ScalarNode)item).Text;
        return dimension is { } unit ? Number(key, text, unit) : new SweepSetting(key, text, null);
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => new()
    {
        ["anyOf"] = new JsonArray(inner.Schema(definitions), new JsonObject { ["type"] = "array", ["items"] = inner.Schema(definitions), ["minItems"] = 1, ["maxItems"] = Limits.MaxSweepPoints }),
    };

    private static SweepSetting Number(string key, string text, Dimension unit)
    {
        var value = WholeNumberShape.TryParse(text, out var plain) ? new Quantity(plain, unit) : Quantity.Parse(text, unit);
        return new SweepSetting(key, value.ToString(), value);
    }
}
