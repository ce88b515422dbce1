using System.Numerics;
using PcieFabric.Addressing;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces;

/// <summary>Expansion ROM Base Address (PCIe 6.0 section 7.5.1.2.4).</summary>
public sealed class ExpansionRomRegister
{
    private const ulong Smallest = 2048;
    private const ulong Largest = 16 << 20;

    private readonly RegisterField _address;
    private readonly int _shift;

    /// <param name="size">In bytes, a power of two, 2 KiB to 16 MiB.</param>
    /// <exception cref="InputException">The size is none of these.</exception>
    internal ExpansionRomRegister(RegisterBlock header, int offset, ulong size)
    {
        if (!BitOperations.IsPow2(size) || size is < Smallest or > Largest)
            throw new InputException($"expansion ROM: {size} bytes is no possible size", "a power of two, 2 KiB to 16 MiB");
        Size = size;
        var register = header.Dword(offset, "Expansion ROM Base Address", Concerns.Bar);
        Enable = register.Flag(0, "Expansion ROM Enable", Access.ReadWrite);
        _shift = BitOperations.Log2(size);
        _address = register.Field(31, _shift, "Expansion ROM Base Address", Access.ReadWrite);
    }

    public ulong Size { get; }

    public Flag Enable { get; }

    /// <summary>Where the ROM stands, whether or not the function decodes it.</summary>
    public AddressRange Range(ConfigSpace space) => new((ulong)space[_address] << _shift, Size);
}
