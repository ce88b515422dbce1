using System.Numerics;
using PcieFabric.Input;

namespace PcieFabric.Links;

/// <summary>The lanes of a link: 1, 2, 4, 8, 16 or 32 (PCIe 6.0 section 1.2; x12 is no longer used, x32 is kept for the published models). The default value is x1.</summary>
public readonly record struct LinkWidth : IComparable<LinkWidth>
{
    // The logarithm is held, so that the default value is a legal one.
    private readonly byte _log2;

    /// <param name="lanes">1, 2, 4, 8, 16 or 32.</param>
    /// <exception cref="InputException">No link has that many lanes.</exception>
    public LinkWidth(int lanes)
    {
        if (lanes is < 1 or > 32 || !BitOperations.IsPow2(lanes))
            throw new InputException($"there is no link width x{lanes}", "widths are 1, 2, 4, 8, 16 and 32 lanes");
        _log2 = (byte)BitOperations.Log2((uint)lanes);
    }

    public static LinkWidth X1 => new(1);
    public static LinkWidth X2 => new(2);
    public static LinkWidth X4 => new(4);
    public static LinkWidth X8 => new(8);
    public static LinkWidth X16 => new(16);
    public static LinkWidth X32 => new(32);

    /// <summary>Also the value of the Link Width fields (PCIe 6.0 section 7.5.3.6).</summary>
    public int Lanes => 1 << _log2;

    public int CompareTo(LinkWidth other) => _log2.CompareTo(other._log2);

    public static bool operator <(LinkWidth left, LinkWidth right) => left._log2 < right._log2;
    public static bool operator >(LinkWidth left, LinkWidth right) => left._log2 > right._log2;
    public static bool operator <=(LinkWidth left, LinkWidth right) => left._log2 <= right._log2;
    public static bool operator >=(LinkWidth left, LinkWidth right) => left._log2 >= right._log2;

    public override string ToString() => $"x{Lanes}";
}
