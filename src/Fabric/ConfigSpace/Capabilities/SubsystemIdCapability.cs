namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Subsystem ID and Subsystem Vendor ID of a bridge, whose header has no room for them (PCIe 6.0 section 7.9.23).</summary>
public sealed class SubsystemIdCapability : StandardCapability
{
    public SubsystemIdCapability(ushort subsystemVendorId, ushort subsystemId)
        : base("Subsystem ID", CapabilityId.SubsystemId)
    {
        Word(0x04, "Subsystem Vendor ID").Whole(Access.ReadOnly, subsystemVendorId);
        Word(0x06, "Subsystem ID").Whole(Access.ReadOnly, subsystemId);
    }
}
