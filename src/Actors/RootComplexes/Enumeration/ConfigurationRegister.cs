namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>DW offsets of the registers that host software reads and writes, in bytes.</summary>
internal static class ConfigurationRegister
{
    // Both headers (PCIe 6.0 section 7.5.1.1).
    public const int VendorAndDevice = 0x00;
    public const int CommandAndStatus = 0x04;
    public const int RevisionAndClass = 0x08;
    public const int HeaderType = 0x0C;
    public const int BaseAddress = 0x10;
    public const int CapabilitiesPointer = 0x34;
    public const int InterruptAndBridgeControl = 0x3C;
    public const int ExtendedCapabilities = 0x100;

    // Type 0 (section 7.5.1.2).
    public const int Subsystem = 0x2C;
    public const int ExpansionRomType0 = 0x30;

    // Type 1 (section 7.5.1.3).
    public const int BusNumbers = 0x18;
    public const int IoWindow = 0x1C;
    public const int MemoryWindow = 0x20;
    public const int PrefetchableWindow = 0x24;
    public const int PrefetchableBaseUpper = 0x28;
    public const int PrefetchableLimitUpper = 0x2C;
    public const int IoWindowUpper = 0x30;
    public const int ExpansionRomType1 = 0x38;

    // From the PCI Express capability (section 7.5.3).
    public const int DeviceCapabilities = 0x04;
    public const int DeviceControl = 0x08;
    public const int LinkCapabilities = 0x0C;
    public const int LinkControl = 0x10;
    public const int DeviceCapabilities2 = 0x24;
    public const int DeviceControl2 = 0x28;

    // From the SR-IOV capability (section 9.3.3).
    public const int SrIovControl = 0x08;
    public const int InitialAndTotalVfs = 0x0C;
    public const int NumVfs = 0x10;
    public const int VfOffsetAndStride = 0x14;
    public const int VfDeviceId = 0x18;
    public const int VfBaseAddress = 0x24;

    // Byte enables of one half of a DW: its other half is often a status that ones clear.
    public const byte LowWord = 0b0011;
    public const byte HighWord = 0b1100;

    // Byte enables in BusNumbers, whose last byte is no bus number.
    public const byte AllBusNumbers = 0b0111;
    public const byte SubordinateBus = 0b0100;
}
