using System.Globalization;
using System.Text;
using System.Text.Json;
using PcieFabric.Addressing;
using PcieFabric.Input;

namespace PcieFabric.Tlps;

/// <summary>The fields of one JSON object that a person wrote, each with its place. Fields are taken one by one; what is left over is wrong.</summary>
internal sealed class TlpFields
{
    private readonly Dictionary<string, Field> _fields = [];
    private readonly List<string> _asked = [];
    private readonly SourceLocation _line;

    private TlpFields(SourceLocation line) => _line = line;

    /// <exception cref="InputException">Not one flat JSON object, or a name twice.</exception>
    internal static TlpFields Parse(string text, SourceLocation line)
    {
        var fields = new TlpFields(line);
        var bytes = Encoding.UTF8.GetBytes(text);
        var json = new Utf8JsonReader(bytes);
        try
        {
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject) throw fields.Wrong("a TLP is a JSON object", "one object per line: {\"type\":\"MRd32\",...}", ColumnOf(bytes, json.TokenStartIndex));
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName) fields.Add(ref json, bytes);
            json.Read();
            return fields;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw fields.Wrong("this is not JSON", "one object per line: {\"type\":\"MRd32\",...}", ColumnOf(bytes, (broken as JsonException)?.BytePositionInLine ?? json.TokenStartIndex));
        }
    }

    internal bool Has(string name)
    {
        _asked.Add(name);
        return _fields.ContainsKey(name);
    }

    internal string Text(string name, string expected)
    {
        var field = Take(name);
        return field.Kind == JsonTokenType.String ? field.Text : throw Wrong($"'{name}' is {expected}, not {field.Text}", null, field.Column);
    }

    /// <summary>A number, or a string with 0x; from zero to <paramref name="most"/>.</summary>
    internal ulong Number(string name, ulong most)
    {
        var field = Take(name);
        var isHex = field.Kind == JsonTokenType.String && field.Text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var parsed = isHex
            ? ulong.TryParse(field.Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            : ulong.TryParse(field.Text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (!parsed || field.Kind is not (JsonTokenType.Number or JsonTokenType.String)) throw Wrong($"'{name}' is no number: {field.Text}", "a whole number, or hex as a string: \"0x1f\"", field.Column);
        return value <= most ? value : throw Wrong($"'{name}' is out of range: {field.Text}", $"0 to {most}", field.Column);
    }

    internal ulong Number(string name, ulong most, ulong otherwise) => Has(name) ? Number(name, most) : otherwise;

    internal bool Flag(string name)
    {
        if (!Has(name)) return false;
        var field = Take(name);
        return field.Kind switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => field.Text switch
            {
                "1" => true,
                "0" => false,
                _ => throw Wrong($"'{name}' is true or false, not {field.Text}", null, field.Column),
            },
        };
    }

    internal Bdf Id(string name)
    {
        var column = ColumnOf(name);
        var text = Text(name, "a bus:device.function");
        return Bdf.TryParse(text, out var id) ? id : throw Wrong($"'{name}' is no bus:device.function: {text}", "for instance \"01:00.0\", in hex", column);
    }

    /// <summary>Bytes in hex; two digits each.</summary>
    internal byte[] Bytes(string name)
    {
        var column = ColumnOf(name);
        var text = Text(name, "a string of hex digits");
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            throw Wrong($"'{name}' is not hex", "two digits a byte, in the order on the wire", column);
        }
    }

    /// <summary>A name out of a set, or the number that it stands for.</summary>
    internal byte NameOrNumber(string name, IReadOnlyDictionary<string, byte> names, ulong most)
    {
        var column = ColumnOf(name);
        if (_fields.TryGetValue(name, out var field) && field.Kind == JsonTokenType.String && names.TryGetValue(field.Text, out var value))
        {
            Take(name);
            return value;
        }
        return field.Kind == JsonTokenType.String && !field.Text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? throw Wrong($"'{name}' has no value {field.Text}", "one of " + string.Join(", ", names.Keys), column)
            : (byte)Number(name, most);
    }

    /// <exception cref="InputException">A field is left that nobody asked for.</exception>
    internal void RefuseTheRest(TlpType type)
    {
        foreach (var (name, field) in _fields)
            throw Wrong($"{type} has no field '{name}'", "it has " + string.Join(", ", _asked.Distinct()), field.NameColumn);
    }

    internal InputException Wrong(string message, string? hint, int column) => new(message, hint, _line with { Column = column });

    /// <summary>Where a field's value stands; the line's start if there is no such field.</summary>
    internal int ColumnOf(string name) => _fields.TryGetValue(name, out var field) ? field.Column : 1;

    private Field Take(string name)
    {
        _asked.Add(name);
        return _fields.Remove(name, out var field) ? field : throw Wrong($"the field '{name}' is missing", null, 1);
    }

    private void Add(ref Utf8JsonReader json, byte[] bytes)
    {
        var name = json.GetString()!;
        var nameColumn = ColumnOf(bytes, json.TokenStartIndex);
        json.Read();
        var column = ColumnOf(bytes, json.TokenStartIndex);
        if (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray or JsonTokenType.Null)
            throw Wrong($"'{name}' is a number, a string, true or false", null, column);
        var text = json.TokenType == JsonTokenType.String ? json.GetString()! : Encoding.UTF8.GetString(json.ValueSpan);
        if (!_fields.TryAdd(name, new Field(json.TokenType, text, nameColumn, column))) throw Wrong($"the field '{name}' comes twice", null, nameColumn);
    }

    private static int ColumnOf(byte[] bytes, long byteIndex) => Encoding.UTF8.GetCharCount(bytes, 0, (int)Math.Min(byteIndex, bytes.Length)) + 1;

    private readonly record struct Field(JsonTokenType Kind, string Text, int NameColumn, int Column);
}
