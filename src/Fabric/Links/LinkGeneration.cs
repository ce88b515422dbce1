using PcieFabric.Input;

namespace PcieFabric.Links;

/// <summary>The generation of a link, 1 to 6: its data rate and encoding (PCIe 6.0 section 4.2). The default value is generation 1, at which every link trains first.</summary>
public readonly record struct LinkGeneration : IComparable<LinkGeneration>
{
    // Held less one, so that the default value is a legal one.
    private readonly byte _aboveFirst;

    /// <param name="number">1 to 6.</param>
    /// <exception cref="InputException">There is no such generation.</exception>
    public LinkGeneration(int number)
    {
        if (number is < 1 or > 6) throw new InputException($"there is no link generation {number}", "generations are 1 to 6");
        _aboveFirst = (byte)(number - 1);
    }

    public static LinkGeneration Gen1 => new(1);
    public static LinkGeneration Gen2 => new(2);
    public static LinkGeneration Gen3 => new(3);
    public static LinkGeneration Gen4 => new(4);
    public static LinkGeneration Gen5 => new(5);
    public static LinkGeneration Gen6 => new(6);

    /// <summary>1 to 6; also the value of the Link Speed fields (PCIe 6.0 section 7.5.3.6).</summary>
    public int Number => _aboveFirst + 1;

    public int CompareTo(LinkGeneration other) => _aboveFirst.CompareTo(other._aboveFirst);

    public static bool operator <(LinkGeneration left, LinkGeneration right) => left._aboveFirst < right._aboveFirst;
    public static bool operator >(LinkGeneration left, LinkGeneration right) => left._aboveFirst > right._aboveFirst;
    public static bool operator <=(LinkGeneration left, LinkGeneration right) => left._aboveFirst <= right._aboveFirst;
    public static bool operator >=(LinkGeneration left, LinkGeneration right) => left._aboveFirst >= right._aboveFirst;

    public override string ToString() => $"gen{Number}";
}
