using System.Text.Json.Nodes;

namespace PcieFabric.Documents.Shapes;

/// <summary>A list of items of one shape, between bounds. Nothing is the empty list, if that is allowed.</summary>
internal sealed class ListShape<T>(Shape<T> item, int most, int least = 0) : Shape<IReadOnlyList<T>>
{
    public override string Description => $"a list of {least} to {most} items";

    public override string Reference => $"list of {item.Reference}";

    public override IReadOnlyList<T> Read(Node node, string what)
    {
        if (node is ScalarNode { IsNull: true } && least == 0)
            return [];
        if (node is not SequenceNode sequence)
            throw Wrong(node, what, "put [ ] around it, or '- ' before each item");
        if (sequence.Items.Count < least || sequence.Items.Count > most)
            throw new Input.InputException($"{what} must be {Description}, not of {sequence.Items.Count}", null, node.Location);
        var items = new T[sequence.Items.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = item.Read(sequence.Items[i], $"an item of {what}");
        return items;
    }

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var schema = new JsonObject { ["type"] = least == 0 ? new JsonArray("array", "null") : "array", ["items"] = item.Schema(definitions), ["maxItems"] = most };
        if (least > 0)
            schema["minItems"] = least;
        return schema;
    }
}
