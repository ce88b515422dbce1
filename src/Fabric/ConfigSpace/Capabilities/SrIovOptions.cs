namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>The virtual functions that a physical function offers (PCIe 6.0 section 9.3.3).</summary>
public sealed record SrIovOptions
{
    /// <summary>1 to 65535.</summary>
    public required int TotalVfs { get; init; }

    public required ushort VfDeviceId { get; init; }

    /// <summary>Routing ID of the first VF less that of the physical function.</summary>
    public int FirstVfOffset { get; init; } = 1;

    /// <summary>Between the Routing IDs of one VF and the next.</summary>
    public int VfStride { get; init; } = 1;

    /// <summary>What each VF has; the register holds the address of the first VF's, the others follow. At least 4 KiB each.</summary>
    public IReadOnlyList<BarDefinition> VfBars { get; init; } = [];
}
