namespace PcieFabric.Topologies;

/// <summary>A Vendor-Specific capability (PCIe 6.0 section 7.9.4).</summary>
/// <param name="Tag">The byte behind the length, by which vendors tell theirs apart.</param>
/// <param name="Body">The DWs that follow, read-only.</param>
public sealed record VendorSpecificDefinition(byte Tag, IReadOnlyList<uint> Body);
