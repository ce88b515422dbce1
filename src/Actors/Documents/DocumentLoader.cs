using PcieFabric.Input;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PcieFabric.Documents;

/// <summary>
/// YAML text to <see cref="Node"/>s. Stricter than YAML where leniency hides slips: keys are unique scalars, there is one
/// document, there are no tags, and depth is bounded. Anchors and aliases are allowed; an anchor is known once its node has
/// ended, so that no node contains itself.
/// </summary>
internal sealed class DocumentLoader
{
    private readonly string _file;
    private readonly IParser _parser;
    private readonly Dictionary<AnchorName, Node> _anchors = [];

    private DocumentLoader(SourceText source)
    {
        _file = source.Name;
        _parser = new GuardedParser(new Parser(new StringReader(source.Text)));
    }

    /// <exception cref="InputException">The text is not YAML, or not of the kind described above.</exception>
    public static Node Load(SourceText source)
    {
        if (source.Text.Length > Limits.MaxDocumentBytes)
            throw new InputException($"the document is larger than {Limits.MaxDocumentBytes} bytes", "is it YAML?", new SourceLocation(source.Name));
        try
        {
            return new DocumentLoader(source).Document();
        }
        catch (YamlException wrong)
        {
            throw IndentedByTab(source, wrong)
                ?? new InputException($"not YAML: {Phrase(wrong.Message)}", "look at the indentation, colons, quotes and brackets here and just above", At(source.Name, wrong.Start), wrong);
        }
    }

    private Node Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
            throw new InputException("the file is empty", "a file starts with 'name:'", new SourceLocation(_file, 1, 1));
        var root = Read(depth: 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw new InputException("a second document starts here", "one file holds one document", At(_file, second.Start));
        return root is ScalarNode { IsNull: true }
            ? throw new InputException("the file is empty", "a file starts with 'name:'", new SourceLocation(_file, 1, 1))
            : root;
    }

    private Node Read(int depth)
    {
        var next = _parser.Consume<ParsingEvent>();
        var location = At(_file, next.Start);
        if (depth > Limits.MaxDocumentDepth)
            throw new InputException($"nested more than {Limits.MaxDocumentDepth} deep", "no file needs that", location);
        if (next is AnchorAlias alias)
        {
            return _anchors.TryGetValue(alias.Value, out var known)
                ? known
                : throw new InputException($"unknown anchor '{alias.Value}'", Suggestion.For(alias.Value.Value, [.. _anchors.Keys.Select(name => name.Value)]), location);
        }
        if (next is not NodeEvent node)
            throw new YamlException(next.Start, next.End, "A value is missing here");
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            throw new InputException($"tag '{node.Tag}' has no meaning here", "leave it out", location);
        Node result = next switch
        {
            Scalar scalar => ReadScalar(scalar, location),
            SequenceStart => ReadSequence(location, depth),
            _ => ReadMapping(location, depth),
        };
        if (!node.Anchor.IsEmpty)
            _anchors[node.Anchor] = result;
        return result;
    }

    private static ScalarNode ReadScalar(Scalar scalar, SourceLocation location)
    {
        var quotes = scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted ? 1 : 0;
        // Escapes, folding and block scalars make text and file differ; then the start has to do.
        var asShown = scalar.End.Line == scalar.Start.Line && scalar.End.Column - scalar.Start.Column == scalar.Value.Length + 2 * quotes;
        return new ScalarNode(location, scalar.Value, scalar.Style == ScalarStyle.Plain, asShown ? location.Column + quotes : 0);
    }

    private SequenceNode ReadSequence(SourceLocation location, int depth)
    {
        var items = new List<Node>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(Read(depth + 1));
        return new SequenceNode(location, items);
    }

    private MappingNode ReadMapping(SourceLocation location, int depth)
    {
        var entries = new List<MappingEntry>();
        var seen = new Dictionary<string, SourceLocation>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Read(depth + 1) is not ScalarNode key)
                throw new InputException("a key must be a word", "is a quote or a colon missing?", location);
            if (!seen.TryAdd(key.Text, key.Location))
                throw new InputException($"'{key.Text}' is here twice", $"first at line {seen[key.Text].Line}", key.Location);
            entries.Add(new MappingEntry(key.Text, key.Location, Read(depth + 1)));
        }
        return new MappingNode(location, entries);
    }

    private static SourceLocation At(string file, Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private static string Phrase(string message)
    {
        var text = message.TrimEnd('.');
        return text.Length == 0 ? "unreadable" : char.ToLowerInvariant(text[0]) + text[1..].ReplaceLineEndings(" ");
    }

    // The parser notices a tab only by what goes wrong after it, and says nothing of tabs.
    private static InputException? IndentedByTab(SourceText source, YamlException wrong)
    {
        var lines = source.Text.Split('\n');
        for (var line = Math.Max(wrong.Start.Line, 1); line <= wrong.End.Line + 1 && line <= lines.Length; line++)
        {
            var indentation = lines[line - 1].AsSpan();
            indentation = indentation[..(indentation.Length - indentation.TrimStart().Length)];
            if (indentation.IndexOf('\t') is var tab and >= 0)
                return new InputException("not YAML: a tab indents this line", "YAML is indented with spaces, never with tabs", new SourceLocation(source.Name, (int)line, tab + 1), wrong);
        }
        return null;
    }

    /// <summary>Some broken texts make YamlDotNet 16.3 fail with InvalidOperationException, without a place; they are broken right after the last event.</summary>
    private sealed class GuardedParser(Parser parser) : IParser
    {
        public ParsingEvent? Current => parser.Current;

        public bool MoveNext()
        {
            try
            {
                return parser.MoveNext();
            }
            catch (InvalidOperationException wrong)
            {
                var at = parser.Current?.End ?? new Mark(0, 1, 1);
                throw new YamlException(at, at, "What follows here is neither a value nor the end of one", wrong);
            }
        }
    }
}
