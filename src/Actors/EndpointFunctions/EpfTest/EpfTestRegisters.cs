namespace PcieFabric.EndpointFunctions.EpfTests;

/// <summary>The registers of Linux's PCI endpoint test function, little-endian from the start of its register BAR (<c>struct pci_epf_test_reg</c>).</summary>
public static class EpfTestRegisters
{
    public const int Magic = 0x00, Command = 0x04, Status = 0x08, SourceLow = 0x0C, SourceHigh = 0x10, TargetLow = 0x14, TargetHigh = 0x18, Size = 0x1C, Checksum = 0x20;
    public const int IrqType = 0x24, IrqNumber = 0x28, Flags = 0x2C, Capabilities = 0x30, DoorbellBar = 0x34, DoorbellOffset = 0x38, DoorbellData = 0x3C;

    /// <summary>Of all of them together; the area is padded to 128.</summary>
    public const int Bytes = 0x40, AreaBytes = 0x80;

    /// <summary>In <see cref="DoorbellBar"/>: none.</summary>
    public const uint NoBar = uint.MaxValue;

    /// <summary>In <see cref="Flags"/>.</summary>
    public const uint UseDma = 1;
}

/// <summary>The command register: one of these at a time. READ and WRITE are from the endpoint's point of view.</summary>
public enum EpfTestCommand : uint
{
    None = 0,
    RaiseIntx = 1 << 0,
    RaiseMsi = 1 << 1,
    RaiseMsiX = 1 << 2,
    Read = 1 << 3,
    Write = 1 << 4,
    Copy = 1 << 5,
    EnableDoorbell = 1 << 6,
    DisableDoorbell = 1 << 7,
    SetupSubrange = 1 << 8,
    ClearSubrange = 1 << 9,
}

/// <summary>The status register.</summary>
[Flags]
public enum EpfTestStatus : uint
{
    None = 0,
    ReadSuccess = 1 << 0,
    ReadFail = 1 << 1,
    WriteSuccess = 1 << 2,
    WriteFail = 1 << 3,
    CopySuccess = 1 << 4,
    CopyFail = 1 << 5,
    IrqRaised = 1 << 6,
    SourceInvalid = 1 << 7,
    TargetInvalid = 1 << 8,
    DoorbellSuccess = 1 << 9,
    DoorbellEnableSuccess = 1 << 10,
    DoorbellEnableFail = 1 << 11,
    DoorbellDisableSuccess = 1 << 12,
    DoorbellDisableFail = 1 << 13,
    SubrangeSetupSuccess = 1 << 14,
    SubrangeSetupFail = 1 << 15,
    SubrangeClearSuccess = 1 << 16,
    SubrangeClearFail = 1 << 17,
    NoResource = 1 << 18,
}

/// <summary>The capabilities register.</summary>
[Flags]
public enum EpfTestCapabilities : uint
{
    None = 0,
    UnalignedAccess = 1 << 0,
    Msi = 1 << 1,
    MsiX = 1 << 2,
    Intx = 1 << 3,
    SubrangeMapping = 1 << 4,
    DynamicInboundMapping = 1 << 5,

    /// <summary>And the next five for the other BARs.</summary>
    Bar0Reserved = 1 << 6,
}
