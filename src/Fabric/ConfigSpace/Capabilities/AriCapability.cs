namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Alternative Routing-ID Interpretation (PCIe 6.0 section 7.8.7): links up to 256 functions of one device.</summary>
public sealed class AriCapability : ExtendedCapability
{
    public AriCapability()
        : base("Alternative Routing-ID Interpretation", ExtendedCapabilityId.AlternativeRoutingId, 1)
    {
        var capability = Word(0x04, "ARI Capability");
        NextFunction = capability.Field(15, 8, "Next Function Number", Access.HardwareInitialized);
        Word(0x06, "ARI Control").Field(6, 4, "Function Group", Access.ReadOnly);
    }

    /// <summary>Zero in the last function.</summary>
    public RegisterField NextFunction { get; }
}
