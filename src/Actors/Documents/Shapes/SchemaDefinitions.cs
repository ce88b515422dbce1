using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PcieFabric.Documents.Shapes;

/// <summary>The named parts of a JSON schema: each is written once and referred to by name.</summary>
internal sealed class SchemaDefinitions
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // It is read by editors and people, never put into a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SortedDictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);

    public JsonObject Refer(string name, Func<JsonObject> define)
    {
        if (!_definitions.ContainsKey(name))
        {
            _definitions[name] = [];
            _definitions[name] = define();
        }
        return new JsonObject { ["$ref"] = $"#/definitions/{name}" };
    }

    /// <summary>The whole schema of documents of one shape, as text that ends with a line break (JSON Schema draft 7, which editors know).</summary>
    public static string Document<T>(string title, Shape<T> root)
    {
        var definitions = new SchemaDefinitions();
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = title };
        foreach (var (key, value) in root.Schema(definitions).ToList())
            schema[key] = value?.DeepClone();
        var all = new JsonObject();
        foreach (var (name, definition) in definitions._definitions)
            all[name] = definition;
        schema["definitions"] = all;
        return schema.ToJsonString(Format) + "\n";
    }
}
