namespace PcieFabric.RootComplexes;

/// <summary>The IDs of the device at 00.0 of a root bus, by which software knows the root complex. It is the platform's, not an actor of its own.</summary>
public readonly record struct HostBridge(ushort VendorId, ushort DeviceId)
{
    public override string ToString() => $"{VendorId:x4}:{DeviceId:x4}";
}
