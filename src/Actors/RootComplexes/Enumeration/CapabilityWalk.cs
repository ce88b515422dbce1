namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>
/// Follows the two lists of capabilities (PCIe 6.0 sections 7.5.1.1.11 and 7.6.3), one read for each link. A list that bends back on itself ends after as many
/// links as there is room for.
/// </summary>
internal static class CapabilityWalk
{
    private const uint CapabilitiesList = 1u << 20;
    private const int FirstOffset = 0x40;
    private const int MostStandard = (256 - FirstOffset) / 4;
    private const int MostExtended = (Limits.ConfigSpaceBytes - ConfigurationRegister.ExtendedCapabilities) / 4;

    public static async ValueTask<CapabilityLocation[]> StandardAsync(IConfigurationAccess access, Bdf function, uint commandAndStatus)
    {
        if ((commandAndStatus & CapabilitiesList) == 0) return [];
        var found = new List<CapabilityLocation>();
        var offset = (int)(await access.ReadAsync(function, ConfigurationRegister.CapabilitiesPointer) & 0xFC);
        while (offset >= FirstOffset && found.Count < MostStandard)
        {
            var header = await access.ReadAsync(function, offset);
            if (header == uint.MaxValue) break;
            found.Add(new CapabilityLocation((byte)header, (ushort)offset));
            offset = (int)(header >> 8) & 0xFC;
        }
        return [.. found];
    }

    public static async ValueTask<CapabilityLocation[]> ExtendedAsync(IConfigurationAccess access, Bdf function)
    {
        var found = new List<CapabilityLocation>();
        var offset = ConfigurationRegister.ExtendedCapabilities;
        while (offset >= ConfigurationRegister.ExtendedCapabilities && found.Count < MostExtended)
        {
            var header = await access.ReadAsync(function, offset);
            if (header is 0 or uint.MaxValue) break;
            // ID 0 with a link is a place holder at the head of the list.
            if ((ushort)header != 0) found.Add(new CapabilityLocation((ushort)header, (ushort)offset));
            offset = (int)(header >> 20) & 0xFFC;
        }
        return [.. found];
    }
}
