using System.Text.Json.Nodes;
using PcieFabric.Input;

namespace PcieFabric.Documents.Shapes;

/// <summary>A value, the name that the author gave it, and where.</summary>
internal readonly record struct Named<T>(string Name, SourceLocation At, T Value);

/// <summary>A mapping from names that the author chooses to values of one shape, in the order of the file.</summary>
internal sealed class TableShape<T>(Shape<T> item, int most, int least = 0, bool paths = false) : Shape<IReadOnlyList<Named<T>>>
{
    public override string Description => "a mapping from names";

    public override string Reference => $"mapping from {(paths ? "patterns" : "names")} to {item.Reference}";

    public override IReadOnlyList<Named<T>> Read(Node node, string what)
    {
        if (node is ScalarNode { IsNull: true } && least == 0)
            return [];
        if (node is not MappingNode mapping)
            throw Wrong(node, what, "write 'name: ...' lines below it");
        if (mapping.Entries.Count < least || mapping.Entries.Count > most)
            throw new InputException($"{what} must have {least} to {most} entries, not {mapping.Entries.Count}", null, node.Location);
        var items = new Named<T>[mapping.Entries.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var entry = mapping.Entries[i];
            if (!paths)
                NameShape.Check(entry.Key, entry.Location, $"a name in {what}");
            items[i] = new(entry.Key, entry.Location, item.Read(entry.Value, $"'{entry.Key}'"));
        }
        return items;
    }

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var schema = new JsonObject { ["type"] = least == 0 ? new JsonArray("object", "null") : "object", ["additionalProperties"] = item.Schema(definitions) };
        if (!paths)
            schema["propertyNames"] = new JsonObject { ["pattern"] = NameShape.Pattern };
        if (least > 0)
            schema["minProperties"] = least;
        return schema;
    }
}
