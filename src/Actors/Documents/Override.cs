using PcieFabric.Input;

namespace PcieFabric.Documents;

/// <summary>
/// A value that replaces one of a document: <c>defaults.link.width=16</c>, <c>workloads.dma-read.outstanding=64</c>. Components of the path
/// are keys, and in lists the number of an item, from zero, or its <c>name</c>. What comes after <c>=</c> is YAML.
/// </summary>
public sealed class Override
{
    private readonly string[] _path;
    private readonly Node _value;

    private Override(string text, string[] path, Node value)
    {
        Text = text;
        _path = path;
        _value = value;
    }

    /// <summary>As it was written; <see cref="Parse"/> reads it again.</summary>
    public string Text { get; }

    private SourceLocation Location => new($"'{Text}'");

    /// <exception cref="InputException">There is no <c>=</c>, no key before it, no value after it, or the value is not YAML.</exception>
    public static Override Parse(string text)
    {
        var equals = text.IndexOf('=');
        var path = equals < 0 ? [] : text[..equals].Trim().Split('.');
        if (path.Length == 0 || path.Any(component => component.Length == 0) || string.IsNullOrWhiteSpace(text[(equals + 1)..]))
            throw new InputException($"'{text}' sets nothing", "write KEY.KEY=VALUE, such as defaults.link.width=16");
        var location = new SourceLocation($"'{text}'");
        return new Override(text, path, Relocated(DocumentLoader.Load(new SourceText(location.File, text[(equals + 1)..])), location));
    }

    /// <summary>This one without the first key, if that is <paramref name="key"/> and not the only one; else null.</summary>
    internal Override? Below(string key) => _path.Length > 1 && _path[0] == key ? new Override(Text, _path[1..], _value) : null;

    /// <summary>A document with the value in its place; keys that are not there yet are made.</summary>
    /// <exception cref="InputException">The path leads through a list item that is not there, or through a scalar.</exception>
    internal Node Apply(Node root) => Set(root, 0);

    // Nodes that the path leads through are made anew and the others kept, so that aliases of the same node elsewhere stay as they are.
    private Node Set(Node? node, int depth)
    {
        if (depth == _path.Length)
            return _value;
        return node switch
        {
            null or ScalarNode { IsNull: true } => SetKey(new MappingNode(node?.Location ?? Location, []), depth),
            MappingNode mapping => SetKey(mapping, depth),
            SequenceNode sequence => SetItem(sequence, depth),
            _ => throw new InputException($"{node.Description} has no '{_path[depth]}'", "the path leads into a value", Location),
        };
    }

    private MappingNode SetKey(MappingNode mapping, int depth)
    {
        var entries = mapping.Entries.ToList();
        var place = entries.FindIndex(entry => entry.Key == _path[depth]);
        if (place < 0)
            entries.Add(new MappingEntry(_path[depth], Location, Set(null, depth + 1)));
        else
            entries[place] = entries[place] with { Value = Set(entries[place].Value, depth + 1) };
        return mapping with { Entries = entries };
    }

    private SequenceNode SetItem(SequenceNode sequence, int depth)
    {
        var items = sequence.Items.ToList();
        var names = items.ConvertAll(NameOf);
        var place = names.IndexOf(_path[depth]);
        if (place < 0 && !(int.TryParse(_path[depth], out place) && place >= 0 && place < items.Count))
        {
            var known = names.OfType<string>().ToList();
            throw new InputException($"there is no item '{_path[depth]}'", known.Count > 0 ? Suggestion.For(_path[depth], known) : $"items are 0 to {items.Count - 1}", Location);
        }
        items[place] = Set(items[place], depth + 1);
        return sequence with { Items = items };
    }

    private static string? NameOf(Node item) =>
        (item as MappingNode)?.Entries.FirstOrDefault(entry => entry.Key == "name")?.Value is ScalarNode name ? name.Text : null;

    private static Node Relocated(Node node, SourceLocation location) => node switch
    {
        ScalarNode scalar => scalar with { Location = location, TextColumn = 0 },
        SequenceNode sequence => new SequenceNode(location, [.. sequence.Items.Select(item => Relocated(item, location))]),
        MappingNode mapping => new MappingNode(location, [.. mapping.Entries.Select(entry => new MappingEntry(entry.Key, location, Relocated(entry.Value, location)))]),
        _ => throw new InvalidOperationException($"invariant: {node.GetType().Name} is a kind of node"),
    };
}
