using System.Globalization;
using PcieFabric.Input;

namespace PcieFabric.Units;

/// <summary>A number with a unit, held in the base unit of its <see cref="Dimension"/>.</summary>
public readonly record struct Quantity(double Value, Dimension Dimension)
{
    /// <summary>Reads <c>50 ns</c>, <c>4 KiB</c>, <c>12.5 Gb/s</c>, <c>1 %</c>. A unit must stand there unless the dimension is a count.</summary>
    /// <exception cref="InputException">No number, no unit, or a unit of something else; the hint says which units will do.</exception>
    public static Quantity Parse(string text, Dimension dimension, SourceLocation? location = null)
    {
        var trimmed = text.AsSpan().Trim();
        var split = 0;
        while (split < trimmed.Length && (char.IsAsciiDigit(trimmed[split]) || trimmed[split] is '.' or '-' or '+'))
            split++;
        var name = trimmed[split..].Trim().ToString();
        if (!decimal.TryParse(trimmed[..split], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            throw new InputException($"'{text}' is not {Unit.Article(dimension)}", Unit.Hint(dimension), location);
        if (name.Length == 0 && dimension != Dimension.Count)
            throw new InputException($"'{text}' has no unit", $"write for example '{trimmed} {Unit.Example(dimension, number)}'; {Unit.Hint(dimension)}", location);
        if (Unit.Find(name, dimension) is not { } unit)
            throw new InputException(Unit.Complaint(name, dimension), Unit.Hint(dimension), location);
        return new Quantity((double)number * unit.Factor, dimension);
    }

    /// <summary>The units that a person may write, smallest first.</summary>
    public static IReadOnlyList<string> UnitNames(Dimension dimension) => [.. Unit.Of(dimension).ToArray().Select(unit => unit.Name)];

    /// <summary>
    /// In the largest unit that keeps the number at least one, with four significant digits or all of a whole number: <c>52.92 Gb/s</c>.
    /// A size is exact: it takes the largest unit that divides it.
    /// </summary>
    public override string ToString()
    {
        var unit = Unit.For(Value, Dimension);
        var number = Value / unit.Factor;
        var whole = Math.Abs(number) < 1e15 && number == Math.Floor(number);
        var digits = number.ToString(whole ? "0" : Math.Abs(number) >= 1000 ? "0.#" : "G4", CultureInfo.InvariantCulture);
        return unit.Name.Length == 0 ? digits : $"{digits} {unit.Name}";
    }
}
