using System.Numerics;
using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces;

/// <summary>
/// A Base Address Register (PCIe 6.0 section 7.5.1.2.1). Address bits below the size are read-only zero, which is how
/// software finds the size: it writes all ones and reads back.
/// </summary>
public sealed class BaseAddressRegister
{
    private readonly RegisterField? _low;
    private readonly RegisterField? _high;
    private readonly int _lowShift;
    private readonly int _highShift;
    private Func<ConfigSpace, ulong>? _sizeOf;

    /// <param name="offset">Of the first register, from the start of the block.</param>
    internal BaseAddressRegister(RegisterBlock block, int offset, string name, BarDefinition definition)
    {
        Definition = definition;
        var isIo = definition.Kind == BarKind.Io;
        var first = block.Dword(offset, name, Concerns.Bar);
        first.Flag(0, "Memory Space Indicator", Access.ReadOnly, isIo);
        if (!isIo)
        {
            first.Field(2, 1, "Type", Access.ReadOnly, definition.Kind == BarKind.Memory64 ? 2u : 0);
            first.Flag(3, "Prefetchable", Access.ReadOnly, definition.Prefetchable);
        }
        var sizeLog2 = BitOperations.Log2(definition.SmallestSize);
        _lowShift = sizeLog2;
        if (sizeLog2 < 32) _low = first.Field(31, sizeLog2, "Base Address", Access.ReadWrite);
        first.AfterWrite(Trim);
        if (definition.Kind != BarKind.Memory64) return;
        _highShift = Math.Max(sizeLog2, 32);
        var second = block.Dword(offset + 4, $"{name} (upper)", Concerns.Bar);
        _high = second.Field(31, _highShift - 32, "Base Address Upper", Access.ReadWrite);
        second.AfterWrite(Trim);
    }

    public BarDefinition Definition { get; }

    /// <summary>In bytes, as software has chosen it if the BAR is resizable.</summary>
    public ulong Size(ConfigSpace space) => _sizeOf is null ? Definition.Size : _sizeOf(space);

    public ulong Address(ConfigSpace space) =>
        (_low is null ? 0 : (ulong)space[_low] << _lowShift) | (_high is null ? 0 : (ulong)space[_high] << _highShift);

    /// <summary>Where the BAR stands, whether or not the function decodes it.</summary>
    public AddressRange Range(ConfigSpace space) => new(Address(space), Size(space));

    /// <summary>Lets something else in the layout decide the size; it is never smaller than the definition's smallest.</summary>
    internal void SizeBy(Func<ConfigSpace, ulong> sizeOf) => _sizeOf = sizeOf;

    /// <summary>Address bits below the size of the moment read zero too.</summary>
    internal Concerns Trim(ConfigSpace space, uint before)
    {
        if (_sizeOf is null) return Concerns.None;
        var address = Address(space) & ~(_sizeOf(space) - 1);
        if (_low is not null) space[_low] = (uint)(address >> _lowShift) & _low.WidthMask;
        if (_high is not null) space[_high] = (uint)(address >> _highShift);
        return Concerns.None;
    }
}
