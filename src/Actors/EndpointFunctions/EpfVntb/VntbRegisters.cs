namespace PcieFabric.EndpointFunctions.EpfVntbs;

/// <summary>The registers of Linux's virtual NTB function, little-endian from the start of its config BAR (<c>struct epf_ntb_ctrl</c> of pci-epf-vntb.c, <c>NTB_EPF_*</c> of ntb_hw_epf.c).</summary>
public static class VntbRegisters
{
    public const int Command = 0x00, Argument = 0x04, Topology = 0x0C, AddressLow = 0x10, AddressHigh = 0x14, SizeLow = 0x18, SizeHigh = 0x1C;
    public const int WindowCount = 0x20, FirstWindowOffset = 0x24, ScratchpadOffset = 0x28, ScratchpadCount = 0x2C, DoorbellEntryBytes = 0x30;

    /// <summary>16 bits: how the last command ended; the host clears it.</summary>
    public const int Status = 0x08;

    /// <summary>16 bits, of which bit 0 is "up".</summary>
    public const int LinkStatus = 0x0A;

    /// <summary>Of all of them together.</summary>
    public const int Bytes = 0x34 + 2 * 4 * Limits.MaxVntbSlots;

    /// <summary>In <see cref="LinkStatus"/>.</summary>
    public const ushort LinkUp = 1;

    /// <summary>In the argument of <see cref="VntbCommand.ConfigureDoorbell"/>, above the number of vectors.</summary>
    public const uint MsiXEnable = 1 << 16;

    /// <summary>Slots are interrupts of the host and entries of the doorbell BAR alike: the first tells of the link, the second has no use, doorbells follow (<c>enum epf_irq_slot</c>).</summary>
    public const int LinkSlot = 0, ReservedSlot = 1, FirstDoorbellSlot = 2;

    /// <summary>What the host writes to ring.</summary>
    public static int DoorbellData(int slot) => 0x34 + slot * 4;

    /// <summary>Where, from entry <paramref name="slot"/> of the doorbell BAR on.</summary>
    public static int DoorbellOffset(int slot) => 0x34 + 4 * Limits.MaxVntbSlots + slot * 4;
}

/// <summary>The command register.</summary>
public enum VntbCommand : uint
{
    None = 0,
    ConfigureDoorbell = 1,
    TeardownDoorbell = 2,
    ConfigureWindow = 3,
    TeardownWindow = 4,
    LinkUp = 5,
    LinkDown = 6,
}

/// <summary>The status register.</summary>
public enum VntbStatus : ushort
{
    None = 0,
    Ok = 1,
    Error = 2,
}
