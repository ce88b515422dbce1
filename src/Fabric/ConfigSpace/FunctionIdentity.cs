namespace PcieFabric.ConfigSpaces;

/// <summary>How a driver recognises a function (PCIe 6.0 section 7.5.1.1).</summary>
/// <param name="ClassCode">24 bits: base class, sub-class, programming interface; 0x010802 is an NVMe controller.</param>
public readonly record struct FunctionIdentity(
    ushort VendorId,
    ushort DeviceId,
    uint ClassCode,
    byte RevisionId = 0,
    ushort SubsystemVendorId = 0,
    ushort SubsystemId = 0);
