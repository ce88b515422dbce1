using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Documents.Shapes;

/// <summary>A shape that a scalar fills.</summary>
internal abstract class ScalarShape<T> : Shape<T>
{
    public sealed override T Read(Node node, string what) =>
        node is ScalarNode { IsNull: false } scalar ? Read(scalar, what) : throw Wrong(node, what);

    protected abstract T Read(ScalarNode scalar, string what);
}

/// <summary>A whole number between bounds, decimal or hexadecimal (<c>0x1d0f</c>).</summary>
internal sealed class WholeNumberShape(ulong least, ulong most, bool hexadecimal = false) : ScalarShape<ulong>
{
    public override string Description => hexadecimal ? $"a number from 0x{least:x} to 0x{most:x}" : $"a whole number from {least} to {most}";

    protected override ulong Read(ScalarNode scalar, string what)
    {
        if (!TryParse(scalar.Text, out var value))
            throw Wrong(scalar, what, scalar.Text.Contains(' ', StringComparison.Ordinal) ? "no unit here" : null);
        return value >= least && value <= most ? value : throw Wrong(scalar, what);
    }

    public static bool TryParse(string text, out ulong value) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    // JSON numbers beyond 2^53 are not exact in editors, and YAML 1.2 makes hexadecimal an integer: bounds are given where they are exact.
    public override JsonObject Schema(SchemaDefinitions definitions)
    {
        var schema = new JsonObject { ["type"] = "integer", ["minimum"] = least };
        if (most <= 1UL << 53)
            schema["maximum"] = most;
        return schema;
    }
}

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class FlagShape : ScalarShape<bool>
{
    public override string Description => "true or false";

    protected override bool Read(ScalarNode scalar, string what) => scalar.Text switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong(scalar, what),
    };

    public override JsonObject Schema(SchemaDefinitions definitions) => new() { ["type"] = "boolean" };
}

/// <summary>Any text but none.</summary>
internal sealed class TextShape(string description = "text") : ScalarShape<string>
{
    public override string Description => description;

    protected override string Read(ScalarNode scalar, string what) => scalar.Text.Trim() is { Length: > 0 } text ? text : throw Wrong(scalar, what);

    public override JsonObject Schema(SchemaDefinitions definitions) => new() { ["type"] = "string" };
}

/// <summary>A word that can be a component of a path.</summary>
internal sealed partial class NameShape : ScalarShape<string>
{
    public override string Description => "a name of letters, digits, '-', '_' and '.'";

    protected override string Read(ScalarNode scalar, string what) => Check(scalar.Text, scalar.Location, what);

    public static string Check(string name, SourceLocation at, string what) =>
        Name().IsMatch(name)
            ? name
            : throw new InputException($"{what} must be a name of letters, digits, '-', '_' and '.', not '{name}'", "at most 64 of them; names are parts of paths", at);

    public override JsonObject Schema(SchemaDefinitions definitions) => new() { ["type"] = "string", ["pattern"] = Pattern };

    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$";

    [GeneratedRegex(Pattern + @"(?!\n)")]
    private static partial Regex Name();
}

/// <summary>A number with a unit, between bounds in the base unit of its dimension.</summary>
internal sealed class QuantityShape(Dimension dimension, double least, double most, bool powerOfTwo = false) : ScalarShape<double>
{
    public override string Description =>
        $"{(powerOfTwo ? "a power of two" : dimension == Dimension.Time ? "a time" : "a size")} from {new Quantity(least, dimension)} to {new Quantity(most, dimension)}";

    protected override double Read(ScalarNode scalar, string what)
    {
        double value;
        try
        {
            value = Quantity.Parse(scalar.Text, dimension).Value;
        }
        catch (InputException wrong)
        {
            throw new InputException($"{what}: {wrong.Message}", wrong.Hint, scalar.Location, wrong);
        }
        if (value < least || value > most || value != Math.Floor(value))
            throw Wrong(scalar, what);
        if (powerOfTwo && !ulong.IsPow2((ulong)value))
            throw Wrong(scalar, what, $"the next one is {new Quantity(double.Min(most, double.Exp2(double.Ceiling(double.Log2(value)))), dimension)}");
        return value;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^[0-9]+(\\.[0-9]+)? ?({string.Join('|', Quantity.UnitNames(dimension).Select(Regex.Escape))})$",
    };
}

/// <summary>A place in a BAR: a size, or a plain or hexadecimal number of bytes.</summary>
internal sealed class OffsetShape(ulong most) : ScalarShape<ulong>
{
    public override string Description => $"an offset from 0x0 to 0x{most:x}";

    protected override ulong Read(ScalarNode scalar, string what)
    {
        if (!scalar.Text.StartsWith("0x", StringComparison.Ordinal) && scalar.Text != "0")
            return (ulong)_size.Read(scalar, what);
        return WholeNumberShape.TryParse(scalar.Text, out var value) && value <= most ? value : throw Wrong(scalar, what);
    }

    private readonly QuantityShape _size = new(Dimension.Size, 0, most);

    public override JsonObject Schema(SchemaDefinitions definitions) => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer", ["minimum"] = 0 }, _size.Schema(definitions)),
    };
}

/// <summary>DWs as hexadecimal digits of their bytes, in the order of their addresses; blanks may stand between bytes.</summary>
internal sealed class DwordsShape(int most) : ScalarShape<IReadOnlyList<uint>>
{
    public override string Description => $"1 to {most} DWs as hexadecimal digits";

    protected override IReadOnlyList<uint> Read(ScalarNode scalar, string what)
    {
        var digits = scalar.Text.Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length == 0 || digits.Length % 8 != 0 || digits.Length > 8 * most || !digits.All(char.IsAsciiHexDigit))
            throw Wrong(scalar, what, "two digits for each byte, four bytes for each DW, as in \"de ad be ef\"");
        var bytes = Convert.FromHexString(digits);
        var dwords = new uint[bytes.Length / 4];
        for (var i = 0; i < dwords.Length; i++)
            dwords[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * i));
        return dwords;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        new() { ["type"] = "string", ["pattern"] = "^(([0-9A-Fa-f]{2} ?){4})+$" };
}
