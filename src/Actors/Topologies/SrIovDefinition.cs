namespace PcieFabric.Topologies;

/// <summary>Single Root I/O Virtualization (PCIe 6.0 section 9.3.3).</summary>
/// <param name="TotalVfs">Most virtual functions, 1 to 65535; also InitialVFs.</param>
/// <param name="VfDeviceId">Device id of every VF.</param>
/// <param name="FirstVfOffset">From the PF's Routing ID to that of VF 1.</param>
/// <param name="VfStride">From one VF's Routing ID to the next one's.</param>
/// <param name="VfBars">Each sized for one VF, at least one page of 4 KiB.</param>
public sealed record SrIovDefinition(
    int TotalVfs, ushort VfDeviceId, int FirstVfOffset, int VfStride, IReadOnlyList<BarDefinition> VfBars)
{
    /// <summary>Distance from the PF's Routing ID to that of its last VF.</summary>
    public int LastVfOffset => FirstVfOffset + (TotalVfs - 1) * VfStride;
}
