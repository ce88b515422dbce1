using System.Buffers;
using System.Globalization;
using PcieFabric.Input;

namespace PcieFabric.Documents;

/// <summary>
/// A scalar of a document that a person wants to be another: <c>workloads.dma-write.count=100</c>. It is put into the text itself, so that what is kept of a run is
/// what was run. Items of a list are named by their <c>name</c>, or by their place, counted from zero.
/// </summary>
/// <param name="Path">Keys, joined by dots.</param>
/// <param name="Value">As it would be written in the file.</param>
public sealed record Override(string Path, string Value)
{
    private static readonly SearchValues<char> Special = SearchValues.Create("#,[]{}&*!|>'\"%@`");

    private const string Shape = "PATH=VALUE, such as workloads.dma-write.count=100";

    /// <exception cref="InputException">The text is not a path, an equals sign and a value.</exception>
    public static Override Parse(string text)
    {
        var equals = text.IndexOf('=');
        if (equals <= 0 || equals == text.Length - 1) throw new InputException($"'{text}' sets nothing", Shape);
        var value = text[(equals + 1)..];
        return value.Any(char.IsControl) ? throw new InputException($"'{text}' is more than a line", Shape) : new Override(text[..equals].Trim(), value.Trim());
    }

    /// <summary>The document with the value in the scalar's place. Of keys that the document leaves to their defaults only those at its top can be set.</summary>
    /// <exception cref="InputException">The document has no such scalar; located at the nearest part that it has.</exception>
    public SourceText ApplyTo(SourceText source)
    {
        var root = DocumentLoader.Load(source);
        var at = root;
        var keys = Path.Split('.');
        for (var depth = 0; depth < keys.Length; depth++)
        {
            if (Child(at, keys[depth]) is { } child) at = child;
            else if (depth == 0 && keys.Length == 1 && root is MappingNode) return source with { Text = $"{source.Text.TrimEnd()}\n{keys[0]}: {Written}\n" };
            else throw Absent(at, keys, depth);
        }
        if (at is not ScalarNode scalar) throw new InputException($"'{Path}' is {at.Description}, and only a single value can be set", Suggestion.For("", [.. Names(at)]), at.Location);
        return source with { Text = Replaced(source.Text, scalar) };
    }

    /// <summary>Quoted where it could be taken for more than a value.</summary>
    private string Written => Value.AsSpan().ContainsAny(Special) || Value.Contains(": ", StringComparison.Ordinal) || Value[0] is '-' or '?'
        ? $"'{Value.Replace("'", "''", StringComparison.Ordinal)}'"
        : Value;

    private static Node? Child(Node node, string key) => node switch
    {
        MappingNode mapping => mapping.Entries.FirstOrDefault(entry => entry.Key == key)?.Value,
        SequenceNode list => list.Items.FirstOrDefault(item => NameOf(item) == key)
            ?? (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < list.Items.Count ? list.Items[place] : null),
        _ => null,
    };

    private static string? NameOf(Node item) => item is MappingNode mapping && Child(mapping, "name") is ScalarNode name ? name.Text : null;

    private static IEnumerable<string> Names(Node node) => node switch
    {
        MappingNode mapping => mapping.Entries.Select(entry => entry.Key),
        SequenceNode list => list.Items.Select((item, place) => NameOf(item) ?? place.ToString(CultureInfo.InvariantCulture)),
        _ => [],
    };

    private InputException Absent(Node at, string[] keys, int depth)
    {
        var where = depth == 0 ? "the file" : $"'{string.Join('.', keys[..depth])}'";
        return new InputException($"{where} has no '{keys[depth]}' that '{Path}' could set", Suggestion.For(keys[depth], [.. Names(at)]), at.Location);
    }

    private string Replaced(string text, ScalarNode scalar)
    {
        var lineStart = 0;
        for (var line = 1; line < scalar.Location.Line; line++) lineStart = text.IndexOf('\n', lineStart) + 1;
        if (scalar.TextColumn == 0) throw new InputException($"'{Path}' stands on several lines, and only a value on one can be set", "change it in the file", scalar.Location);
        var quotes = scalar.IsPlain ? 0 : 1;
        var from = lineStart + scalar.TextColumn - 1 - quotes;
        return string.Concat(text.AsSpan(0, from), Written, text.AsSpan(from + scalar.Text.Length + 2 * quotes));
    }
}
