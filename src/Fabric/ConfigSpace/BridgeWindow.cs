using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces;

/// <summary>How wide the addresses of a bridge window are.</summary>
public enum WindowKind
{
    /// <summary>The bridge has no such window; its registers read zero.</summary>
    None,
    /// <summary>16 bits of I/O space, 32 bits of memory space.</summary>
    Narrow,
    /// <summary>32 bits of I/O space, 64 bits of memory space.</summary>
    Wide,
}

/// <summary>
/// A base and a limit that a bridge compares addresses with (PCIe 6.0 sections 7.5.1.3.6, 7.5.1.3.8 to 7.5.1.3.11). The limit is
/// inclusive: the bits that it does not hold count as ones. A base above the limit closes the window.
/// </summary>
public sealed class BridgeWindow
{
    private const int IoGranuleLog2 = 12;
    private const int MemoryGranuleLog2 = 20;

    private readonly RegisterField? _base;
    private readonly RegisterField? _limit;
    private readonly RegisterField? _upperBase;
    private readonly RegisterField? _upperLimit;
    private readonly int _granuleLog2;
    private readonly int _upperShift;

    private BridgeWindow(Register? lower, Register? limit, int low, uint type, Register? upperBase, Register? upperLimit, int granuleLog2)
    {
        _granuleLog2 = granuleLog2;
        if (lower is null || limit is null) return;
        _base = Declare(lower);
        _limit = Declare(limit);
        _upperShift = granuleLog2 + lower.Bits - low;
        _upperBase = upperBase?.Whole(Access.ReadWrite);
        _upperLimit = upperLimit?.Whole(Access.ReadWrite);

        RegisterField Declare(Register register)
        {
            register.Field(low - 1, 0, "Addressing Capability", Access.ReadOnly, type);
            return register.Field(register.Bits - 1, low, register.Name, Access.ReadWrite);
        }
    }

    /// <summary>The bridge has the window at all.</summary>
    public bool Exists => _base is not null;

    /// <summary>Granule of base and size, in bytes: 4 KiB of I/O space, 1 MiB of memory space.</summary>
    public ulong Granule => 1ul << _granuleLog2;

    /// <summary>What lies between base and limit, whether or not the bridge decodes it.</summary>
    public AddressRange Range(ConfigSpace space)
    {
        if (_base is null || _limit is null) return AddressRange.Empty;
        var lowest = ((ulong)space[_base] << _granuleLog2) | Upper(space, _upperBase);
        var highest = ((ulong)space[_limit] << _granuleLog2) | Upper(space, _upperLimit) | (Granule - 1);
        return lowest > highest ? AddressRange.Empty : new AddressRange(lowest, highest - lowest + 1);
    }

    internal static BridgeWindow Io(RegisterBlock header, WindowKind kind)
    {
        if (kind == WindowKind.None) return new BridgeWindow(null, null, 0, 0, null, null, IoGranuleLog2);
        var wide = kind == WindowKind.Wide;
        return new BridgeWindow(
            header.Byte(0x1C, "I/O Base", Concerns.BridgeWindow),
            header.Byte(0x1D, "I/O Limit", Concerns.BridgeWindow),
            4,
            wide ? 1u : 0,
            wide ? header.Word(0x30, "I/O Base Upper 16 Bits", Concerns.BridgeWindow) : null,
            wide ? header.Word(0x32, "I/O Limit Upper 16 Bits", Concerns.BridgeWindow) : null,
            IoGranuleLog2);
    }

    internal static BridgeWindow Memory(RegisterBlock header) => new(
        header.Word(0x20, "Memory Base", Concerns.BridgeWindow),
        header.Word(0x22, "Memory Limit", Concerns.BridgeWindow),
        4,
        0,
        null,
        null,
        MemoryGranuleLog2);

    internal static BridgeWindow Prefetchable(RegisterBlock header, WindowKind kind)
    {
        if (kind == WindowKind.None) return new BridgeWindow(null, null, 0, 0, null, null, MemoryGranuleLog2);
        var wide = kind == WindowKind.Wide;
        return new BridgeWindow(
            header.Word(0x24, "Prefetchable Memory Base", Concerns.BridgeWindow),
            header.Word(0x26, "Prefetchable Memory Limit", Concerns.BridgeWindow),
            4,
            wide ? 1u : 0,
            wide ? header.Dword(0x28, "Prefetchable Base Upper 32 Bits", Concerns.BridgeWindow) : null,
            wide ? header.Dword(0x2C, "Prefetchable Limit Upper 32 Bits", Concerns.BridgeWindow) : null,
            MemoryGranuleLog2);
    }

    private ulong Upper(ConfigSpace space, RegisterField? field) => field is null ? 0 : (ulong)space[field] << _upperShift;
}
