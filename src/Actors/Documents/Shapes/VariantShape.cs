using System.Text.Json.Nodes;
using PcieFabric.Input;

namespace PcieFabric.Documents.Shapes;

/// <summary>A mapping whose key <paramref name="discriminator"/> says which of several records it is.</summary>
internal sealed class VariantShape<T>(string title, string discriminator, string documentation, IReadOnlyList<(string Value, Shape<T> Shape)> variants) : Shape<T>
{
    public override string Description => $"a mapping ({title})";

    public override string Reference => $"{title}: {string.Join(", ", variants.Select(variant => variant.Shape.Reference))}";

    public override T Read(Node node, string what)
    {
        if (node is not MappingNode mapping)
            throw Wrong(node, what);
        var entry = mapping.Entries.FirstOrDefault(entry => entry.Key == discriminator)
            ?? throw new InputException($"{title} needs '{discriminator}'", $"one of {string.Join(", ", variants.Select(variant => variant.Value))}", mapping.Location);
        foreach (var (value, shape) in variants)
        {
            if (entry.Value is ScalarNode scalar && scalar.Text == value)
                return shape.Read(node, what);
        }
        throw new InputException($"unknown {discriminator} of {title}: {entry.Value.Description}",
            Suggestion.For((entry.Value as ScalarNode)?.Text ?? "", [.. variants.Select(variant => variant.Value)]), entry.Value.Location);
    }

    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var cases = new JsonArray();
        foreach (var (value, shape) in variants)
        {
            cases.Add((JsonNode)new JsonObject
            {
                ["if"] = new JsonObject { ["properties"] = new JsonObject { [discriminator] = new JsonObject { ["const"] = value } }, ["required"] = new JsonArray(discriminator) },
                ["then"] = shape.Schema(definitions),
            });
        }
        var discriminated = new JsonObject
        {
            ["enum"] = new JsonArray([.. variants.Select(variant => (JsonNode)variant.Value)]),
            ["description"] = documentation,
        };
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [discriminator] = discriminated },
            ["required"] = new JsonArray(discriminator),
            ["allOf"] = cases,
        };
    }
}
