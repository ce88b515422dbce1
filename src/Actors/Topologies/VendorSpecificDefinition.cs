namespace PcieFabric.Topologies;

/// <summary>A Vendor-Specific capability (PCIe 6.0 section 7.9.4): <paramref name="Data"/> follows its three header bytes, at most 252 bytes, and is read-only.</summary>
public sealed record VendorSpecificDefinition(IReadOnlyList<byte> Data);
