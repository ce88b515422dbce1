using PcieFabric.ConfigSpaces;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>What stands behind an <see cref="AddressRequest"/>.</summary>
internal enum AddressRequestKind
{
    Bar,
    VirtualFunctionBar,
    ExpansionRom,
    /// <summary>A bridge's window, with what is <see cref="AddressRequest.Inside"/>.</summary>
    Window,
}

/// <summary>Bus addresses that a function asks for, and gets.</summary>
internal sealed class AddressRequest(DiscoveredFunction function, AddressRequestKind kind, ulong size, ulong alignment)
{
    public DiscoveredFunction Function { get; } = function;
    public AddressRequestKind Kind { get; } = kind;

    /// <summary>In bytes; of a VF BAR, that of all VFs.</summary>
    public ulong Size { get; } = size;

    /// <summary>A power of two.</summary>
    public ulong Alignment { get; } = alignment;

    /// <summary>Of the first register.</summary>
    public int Index { get; init; }

    public BarKind Space { get; init; }

    public bool Prefetchable { get; init; }

    public IReadOnlyList<AddressRequest> Inside { get; init; } = [];

    /// <summary>Counted from the start of the window around it, until that has its own place.</summary>
    public ulong Base { get; private set; }

    public AddressRange Range => new(Base, Size);

    /// <summary>The largest single thing in it: what to blame if it does not fit.</summary>
    public AddressRequest Largest => Inside.Count == 0 ? this : Inside.MaxBy(r => r.Size)!.Largest;

    public void Place(ulong at) => Base = at;

    /// <summary>Moves what is inside from offsets to addresses.</summary>
    public void Settle()
    {
        foreach (var request in Inside)
        {
            request.Base += Base;
            request.Settle();
        }
    }

    public override string ToString() => Kind switch
    {
        AddressRequestKind.Bar => $"BAR {Index}",
        AddressRequestKind.VirtualFunctionBar => $"VF BAR {Index}",
        AddressRequestKind.ExpansionRom => "expansion ROM",
        _ => "window",
    };
}
