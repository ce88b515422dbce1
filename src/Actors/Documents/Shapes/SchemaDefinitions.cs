using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PcieFabric.Documents.Shapes;

/// <summary>What the reference page tells of a record.</summary>
internal sealed record RecordReference(string Name, string Documentation, IReadOnlyList<Key> Keys);

/// <summary>The named parts of a JSON schema and of its reference page: each is written once and referred to by name.</summary>
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
    private readonly List<RecordReference> _records = [];

    public JsonObject Refer(RecordReference record, Func<JsonObject> define)
    {
        if (!_definitions.ContainsKey(record.Name))
        {
            _records.Add(record);
            _definitions[record.Name] = [];
            _definitions[record.Name] = define();
        }
        return new JsonObject { ["$ref"] = $"#/definitions/{record.Name}" };
    }

    /// <summary>A page that documents every key of documents of one shape, in Markdown.</summary>
    public static string Page<T>(string title, string introduction, Shape<T> root)
    {
        var definitions = new SchemaDefinitions();
        root.Schema(definitions);
        var page = new StringBuilder().Append($"# {title}\n\n{introduction}\n");
        foreach (var record in definitions._records)
        {
            page.Append($"\n## {record.Name}\n\n{record.Documentation}\n\n| key | value | default | meaning |\n|---|---|---|---|\n");
            foreach (var key in record.Keys)
            {
                var whenAbsent = key.IsRequired ? "required" : key.DefaultText is { } text ? $"`{text}`" : "";
                page.Append($"| `{key.Name}` | {Cell(key.Reference)} | {whenAbsent} | {Cell(key.Documentation)} |\n");
            }
        }
        return page.ToString();

        static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);
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
