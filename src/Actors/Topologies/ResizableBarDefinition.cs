namespace PcieFabric.Topologies;

/// <summary>One BAR of the Resizable BAR capability (PCIe 6.0 section 7.8.6).</summary>
/// <param name="Bar">Index of a memory BAR of the function, whose declared size is the one after reset.</param>
/// <param name="SizesBytes">Powers of two from 1 MiB to 128 TiB, rising.</param>
public sealed record ResizableBarDefinition(int Bar, IReadOnlyList<ulong> SizesBytes);
