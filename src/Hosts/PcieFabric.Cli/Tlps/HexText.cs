using PcieFabric.Input;

namespace PcieFabric.Cli.Tlps;

/// <summary>Bytes that a person wrote in hex on one line: spaces and <c>0x</c> anywhere between bytes, a comment from <c>#</c> on.</summary>
internal sealed class HexText
{
    private readonly List<byte> _bytes = [];
    private readonly List<int> _columns = [];
    private readonly SourceLocation _line;
    private int _endColumn;

    private HexText(SourceLocation line) => _line = line;

    internal ReadOnlySpan<byte> Bytes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);

    /// <exception cref="InputException">Something that is neither hex nor allowed between it, or half a byte.</exception>
    internal static HexText Parse(string text, SourceLocation line)
    {
        var hex = new HexText(line);
        var at = 0;
        while (at < text.Length && text[at] != '#')
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            if (text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
            {
                at += 2;
                continue;
            }
            hex.Add(text, at);
            at += 2;
        }
        hex._endColumn = at + 1;
        return hex;
    }

    /// <summary>Where a byte stands; just behind the last one for the end.</summary>
    internal SourceLocation LocationOf(int byteOffset) => _line with { Column = byteOffset < _columns.Count ? _columns[byteOffset] : _endColumn };

    private void Add(string text, int at)
    {
        ThrowIfNoDigit(text, at);
        if (at + 1 == text.Length || char.IsWhiteSpace(text[at + 1]) || text[at + 1] == '#') throw Wrong("half a byte: hex digits come in pairs", at);
        ThrowIfNoDigit(text, at + 1);
        _bytes.Add(Convert.ToByte(text.Substring(at, 2), 16));
        _columns.Add(at + 1);
    }

    private void ThrowIfNoDigit(string text, int at)
    {
        if (!char.IsAsciiHexDigit(text[at])) throw Wrong($"'{text[at]}' is no hex digit", at);
    }

    private InputException Wrong(string message, int at) => new(message, "one TLP a line, byte 0 first, for instance 40000001 0000000f fee00000 41000000", _line with { Column = at + 1 });
}
