namespace PcieFabric.Units;

/// <summary>A unit that a person may write, and what it is in its dimension's base unit. Each dimension lists its own, smallest first.</summary>
internal readonly record struct Unit(string Name, double Factor)
{
    private static readonly Unit[] Counts = [new("", 1)];
    private static readonly Unit[] Times = [new("ps", 1), new("ns", 1e3), new("us", 1e6), new("ms", 1e9), new("s", 1e12)];
    private static readonly Unit[] Sizes = [new("B", 1), new("KiB", 1L << 10), new("MiB", 1L << 20), new("GiB", 1L << 30), new("TiB", 1L << 40)];
    private static readonly Unit[] Bandwidths =
    [
        new("b/s", 1), new("kb/s", 1e3), new("Mb/s", 1e6), new("Gb/s", 1e9), new("Tb/s", 1e12),
        new("B/s", 8), new("kB/s", 8e3), new("MB/s", 8e6), new("GB/s", 8e9), new("TB/s", 8e12),
    ];
    private static readonly Unit[] Rates = [new("/s", 1), new("k/s", 1e3), new("M/s", 1e6), new("G/s", 1e9)];
    private static readonly Unit[] Percentages = [new("%", 1)];

    public static ReadOnlySpan<Unit> Of(Dimension dimension) => dimension switch
    {
        Dimension.Count => Counts,
        Dimension.Time => Times,
        Dimension.Size => Sizes,
        Dimension.Bandwidth => Bandwidths,
        Dimension.Rate => Rates,
        Dimension.Percentage => Percentages,
        _ => throw new ArgumentOutOfRangeException(nameof(dimension)),
    };

    public static Unit? Find(string name, Dimension dimension)
    {
        foreach (var unit in Of(dimension))
        {
            if (unit.Name == name)
                return unit;
        }
        return null;
    }

    /// <summary>The unit to show a value in; bandwidth is shown in bits.</summary>
    public static Unit For(double value, Dimension dimension)
    {
        var units = Of(dimension);
        if (dimension == Dimension.Bandwidth)
            units = units[..(units.Length / 2)];
        var best = units[0];
        foreach (var unit in units)
        {
            if (Math.Abs(value) >= unit.Factor && (dimension != Dimension.Size || value % unit.Factor == 0))
                best = unit;
        }
        return best;
    }

    public static string Article(Dimension dimension) => dimension switch
    {
        Dimension.Count => "a number",
        Dimension.Time => "a time",
        Dimension.Size => "a size",
        Dimension.Bandwidth => "a bandwidth",
        Dimension.Rate => "a rate",
        _ => "a percentage",
    };

    public static string Hint(Dimension dimension) => dimension == Dimension.Count ? "no unit here" : $"units of {Article(dimension)}: {string.Join(", ", Quantity.UnitNames(dimension))}";

    public static string Example(Dimension dimension, decimal number) => dimension switch
    {
        Dimension.Time => "ns",
        // Who writes 1048576 counts bytes; who writes 64 may have meant more.
        Dimension.Size => number >= 1024 ? "B" : "KiB",
        Dimension.Bandwidth => "Gb/s",
        Dimension.Rate => "M/s",
        _ => "%",
    };

    /// <summary>What is wrong with a unit that the dimension does not have: unknown, or of something else.</summary>
    public static string Complaint(string name, Dimension wanted)
    {
        foreach (var other in Enum.GetValues<Dimension>())
        {
            if (name.Length > 0 && Find(name, other) is not null)
                return $"'{name}' is a unit of {Article(other)}, not of {Article(wanted)}";
        }
        return $"'{name}' is not a unit of {Article(wanted)}";
    }
}
