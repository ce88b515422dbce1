using System.Text.Json.Nodes;
using PcieFabric.Input;

namespace PcieFabric.Documents.Shapes;

/// <summary>A mapping with declared keys. Nothing stands for the mapping that leaves out every key.</summary>
/// <param name="title">Names it in messages, <c>a BAR</c>, and without its article in the schema.</param>
/// <param name="documentation">For the schema.</param>
/// <param name="keys">All that may stand in it.</param>
/// <param name="make">Makes the value; it must look at every key.</param>
internal sealed class RecordShape<T>(string title, string documentation, Key[] keys, Func<Fields, T> make) : Shape<T>
{
    private readonly Dictionary<string, Key> _keys = keys.ToDictionary(key => key.Name, StringComparer.Ordinal);

    public override string Description => $"a mapping ({title})";

    public override string Reference => $"[{SchemaName}](#{SchemaName.ToLowerInvariant()})";

    public override T Read(Node node, string what)
    {
        var mapping = node as MappingNode ?? (node is ScalarNode { IsNull: true } ? new MappingNode(node.Location, []) : throw Wrong(node, what, "write 'key: value' lines below it, or { key: value }"));
        foreach (var entry in mapping.Entries)
        {
            if (!_keys.ContainsKey(entry.Key))
                throw new InputException($"unknown key '{entry.Key}' in {title}", Suggestion.For(entry.Key, _keys.Keys), entry.Location);
        }
        foreach (var key in keys)
        {
            if (key.IsRequired && mapping.Entries.All(entry => entry.Key != key.Name))
                throw new InputException($"{title} needs '{key.Name}'", "it has no default", mapping.Location);
        }
        var fields = new Fields(mapping, title);
        var value = make(fields);
        fields.MustAllBeRead();
        return value;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => definitions.Refer(new RecordReference(SchemaName, documentation, keys), () =>
    {
        var properties = new JsonObject();
        foreach (var key in keys)
            properties[key.Name] = key.Schema(definitions);
        var required = keys.Where(key => key.IsRequired).Select(key => (JsonNode)key.Name).ToArray();
        var schema = new JsonObject
        {
            ["type"] = required.Length == 0 ? new JsonArray("object", "null") : "object",
            ["description"] = documentation,
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        if (required.Length > 0)
            schema["required"] = new JsonArray(required);
        return schema;
    });

    private string SchemaName => title[(title.IndexOf(' ', StringComparison.Ordinal) + 1)..].Replace(' ', '-');
}

/// <summary>The mapping that a record is made of.</summary>
internal sealed class Fields(MappingNode mapping, string title)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public SourceLocation Location => mapping.Location;

    /// <summary>The value of a key, or its default.</summary>
    public T Get<T>(Key<T> key)
    {
        _read.Add(key.Name);
        return Find(key) is { } entry ? key.Shape.Read(entry.Value, $"'{key.Name}'") : key.WhenAbsent;
    }

    public bool Has(Key key) => Find(key) is not null;

    /// <summary>Where the value of a key stands; if it was left out, where the mapping starts.</summary>
    public SourceLocation At(Key key) => Find(key)?.Value.Location ?? mapping.Location;

    /// <summary>A key that is declared and not looked at would be accepted and have no effect.</summary>
    public void MustAllBeRead()
    {
        foreach (var entry in mapping.Entries)
        {
            if (!_read.Contains(entry.Key))
                throw new InvalidOperationException($"invariant: the maker of {title} reads every declared key, but not '{entry.Key}'");
        }
    }

    private MappingEntry? Find(Key key)
    {
        foreach (var entry in mapping.Entries)
        {
            if (entry.Key == key.Name)
                return entry;
        }
        return null;
    }
}
