namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Capability IDs (PCI Code and ID Assignment Specification, section 2).</summary>
public static class CapabilityId
{
    public const int PowerManagement = 0x01;
    public const int Msi = 0x05;
    public const int VendorSpecific = 0x09;
    public const int SubsystemId = 0x0D;
    public const int PciExpress = 0x10;
    public const int MsiX = 0x11;
}

/// <summary>Extended Capability IDs (PCI Code and ID Assignment Specification, section 3).</summary>
public static class ExtendedCapabilityId
{
    public const int AdvancedErrorReporting = 0x0001;
    public const int DeviceSerialNumber = 0x0003;
    public const int VendorSpecific = 0x000B;
    public const int AccessControlServices = 0x000D;
    public const int AlternativeRoutingId = 0x000E;
    public const int AddressTranslationServices = 0x000F;
    public const int SingleRootIoVirtualization = 0x0010;
    public const int ResizableBar = 0x0015;
    public const int LatencyToleranceReporting = 0x0018;
    public const int SecondaryPciExpress = 0x0019;
    public const int Pasid = 0x001B;
    public const int DesignatedVendorSpecific = 0x0023;
}
