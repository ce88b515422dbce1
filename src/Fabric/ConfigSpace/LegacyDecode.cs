using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces;

/// <summary>What a bridge passes down, or keeps back, for cards from before PCI: VGA and ISA (PCIe 6.0 section 7.5.1.3.13). One byte.</summary>
public readonly record struct LegacyDecode(LegacyDecodes Decodes)
{
    private const uint IsaSpaceBytes = 0x10000;

    private static AddressRange VgaFrameBuffer => new(0xA0000, 0x20000);

    /// <summary>The address is in VGA's frame buffer, and that is passed down.</summary>
    public bool ClaimsMemory(ulong address) => VgaFrameBuffer.Contains(address) && Decodes.HasFlag(LegacyDecodes.VgaMemory);

    /// <summary>Part of the range is in VGA's frame buffer, and that is passed down.</summary>
    public bool ClaimsAnyMemory(AddressRange range) => Decodes.HasFlag(LegacyDecodes.VgaMemory) && VgaFrameBuffer.Overlaps(range);

    /// <summary>The address is one of VGA's ports, and these are passed down.</summary>
    public bool ClaimsPort(uint address)
    {
        if (address >= IsaSpaceBytes || !Decodes.HasFlag(LegacyDecodes.VgaPorts)) return false;
        var port = Decodes.HasFlag(LegacyDecodes.Vga16Bits) ? address : address & 0x3FF;
        return port is (>= 0x3B0 and <= 0x3BB) or (>= 0x3C0 and <= 0x3DF);
    }

    /// <summary>The address is ISA's although it lies in the window: ISA cards decode ten bits, and own the upper 768 bytes of each KiB.</summary>
    public bool KeepsBackPort(uint address) => address < IsaSpaceBytes && (address & 0x300) != 0 && Decodes.HasFlag(LegacyDecodes.IsaPorts);
}

/// <summary>The parts of <see cref="LegacyDecode"/>.</summary>
[Flags]
public enum LegacyDecodes : byte
{
    None = 0,

    /// <summary>The frame buffer, 0xA0000 to 0xBFFFF, is passed down.</summary>
    VgaMemory = 1,

    /// <summary>0x3B0 to 0x3BB and 0x3C0 to 0x3DF are passed down.</summary>
    VgaPorts = 2,

    /// <summary>Of these ports all sixteen bits count, and not the lower ten only.</summary>
    Vga16Bits = 4,

    /// <summary>Of each KiB of the window's first 64 KiB only the first 256 bytes are passed down.</summary>
    IsaPorts = 8,
}
