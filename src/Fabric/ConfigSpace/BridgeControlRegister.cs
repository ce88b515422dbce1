namespace PcieFabric.ConfigSpaces;

/// <summary>Bridge Control, at 0x3E (PCIe 6.0 section 7.5.1.3.13).</summary>
public sealed class BridgeControlRegister
{
    internal BridgeControlRegister(RegisterBlock header)
    {
        var control = header.Word(0x3E, "Bridge Control", Concerns.BridgeControl);
        ParityErrorResponseEnable = control.Flag(0, "Parity Error Response Enable", Access.ReadWrite);
        SerrEnable = control.Flag(1, "SERR# Enable", Access.ReadWrite);
        IsaEnable = control.Flag(2, "ISA Enable", Access.ReadWrite);
        VgaEnable = control.Flag(3, "VGA Enable", Access.ReadWrite);
        Vga16BitDecode = control.Flag(4, "VGA 16-bit Decode", Access.ReadWrite);
        SecondaryBusReset = control.Flag(6, "Secondary Bus Reset", Access.ReadWrite);
    }

    public Flag ParityErrorResponseEnable { get; }

    /// <summary>Error messages from below are passed up.</summary>
    public Flag SerrEnable { get; }

    /// <summary>Of each KiB of the first 64 KiB of I/O space, only the first 256 bytes are passed down.</summary>
    public Flag IsaEnable { get; }

    /// <summary>The VGA frame buffer and ports are passed down.</summary>
    public Flag VgaEnable { get; }

    public Flag Vga16BitDecode { get; }

    /// <summary>While set, everything below is held in a hot reset.</summary>
    public Flag SecondaryBusReset { get; }
}
