namespace PcieFabric.Topologies;

/// <summary>Who made a host's processor.</summary>
public enum ProcessorVendor
{
    Amd,
    Intel,
    Other,
}

/// <summary>What software can ask of a host's processor.</summary>
/// <param name="Family">With the extended family added, as Linux counts it.</param>
public sealed record ProcessorDefinition(ProcessorVendor Vendor, int Family)
{
    /// <summary>AMD's Zen 3, one of the processors behind which Linux takes every root complex to forward peer-to-peer traffic.</summary>
    public static readonly ProcessorDefinition Default = new(ProcessorVendor.Amd, 0x19);
}

/// <summary>IDs of the device at 00.0 of a root bus.</summary>
public sealed record HostBridgeDefinition(ushort VendorId, ushort DeviceId)
{
    /// <summary>AMD Starship/Matisse root complex.</summary>
    public static readonly HostBridgeDefinition Default = new(0x1022, 0x1480);
}
