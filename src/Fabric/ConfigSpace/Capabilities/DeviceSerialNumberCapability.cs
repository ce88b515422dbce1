namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Device Serial Number (PCIe 6.0 section 7.9.3): an EUI-64.</summary>
public sealed class DeviceSerialNumberCapability : ExtendedCapability
{
    private readonly RegisterField _lower;
    private readonly RegisterField _upper;

    public DeviceSerialNumberCapability()
        : base("Device Serial Number", ExtendedCapabilityId.DeviceSerialNumber, 1)
    {
        _lower = Dword(0x04, "Serial Number Lower").Whole(Access.HardwareInitialized);
        _upper = Dword(0x08, "Serial Number Upper").Whole(Access.HardwareInitialized);
    }

    public ulong SerialNumber(ConfigSpace space) => space[_lower] | (ulong)space[_upper] << 32;

    public void SetSerialNumber(ConfigSpace space, ulong value) => (space[_lower], space[_upper]) = ((uint)value, (uint)(value >> 32));
}
