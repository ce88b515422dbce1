using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>What enumeration knows of a PCI Express capability (PCIe 6.0 section 7.5.3).</summary>
internal sealed class PciExpressRegisters
{
    private const uint AriForwarding = 1u << 5;

    /// <summary>Of the capability, in bytes.</summary>
    public required int Offset { get; init; }

    public required PortType PortType { get; init; }
    public required uint DeviceCapabilities { get; init; }
    public required uint LinkCapabilities { get; init; }
    public required ushort LinkStatus { get; init; }

    /// <summary>Zero in a capability of version 1, which ends before.</summary>
    public required uint DeviceCapabilities2 { get; init; }

    /// <summary>As the function holds it.</summary>
    public ushort DeviceControl { get; set; }

    /// <inheritdoc cref="DeviceControl"/>
    public ushort DeviceControl2 { get; set; }

    /// <summary>In bytes.</summary>
    public int MaxPayloadSupported => PayloadSize.Decode(DeviceCapabilities & 7);

    /// <summary>In bytes.</summary>
    public int MaxPayload => PayloadSize.Decode((uint)(DeviceControl >> 5) & 7);

    /// <summary>In bytes.</summary>
    public int MaxReadRequest => PayloadSize.Decode((uint)(DeviceControl >> 12) & 7);

    /// <summary>Of the tags that the function may use: 5, 8 or 10.</summary>
    public int TagBits => (DeviceControl2 >> 12 & 1) != 0 ? 10 : (DeviceControl >> 8 & 1) != 0 ? 8 : 5;

    public bool ExtendedTagSupported => (DeviceCapabilities >> 5 & 1) != 0;
    public bool TenBitTagCompleter => (DeviceCapabilities2 >> 16 & 1) != 0;
    public bool TenBitTagRequester => (DeviceCapabilities2 >> 17 & 1) != 0;
    public bool AriForwardingSupported => (DeviceCapabilities2 & AriForwarding) != 0;
    public bool AriForwardingEnabled => (DeviceControl2 & AriForwarding) != 0;

    public async ValueTask SetAriForwardingAsync(IConfigurationAccess access, Bdf function, bool enable)
    {
        if (enable == AriForwardingEnabled) return;
        await WriteDeviceControl2Async(access, function, (ushort)(DeviceControl2 & ~AriForwarding | (enable ? AriForwarding : 0)));
    }

    public async ValueTask WriteDeviceControlAsync(IConfigurationAccess access, Bdf function, ushort value)
    {
        if (value == DeviceControl) return;
        DeviceControl = value;
        await access.WriteAsync(function, Offset + ConfigurationRegister.DeviceControl, value, ConfigurationRegister.LowWord);
    }

    public async ValueTask WriteDeviceControl2Async(IConfigurationAccess access, Bdf function, ushort value)
    {
        if (value == DeviceControl2) return;
        DeviceControl2 = value;
        await access.WriteAsync(function, Offset + ConfigurationRegister.DeviceControl2, value, ConfigurationRegister.LowWord);
    }
}
