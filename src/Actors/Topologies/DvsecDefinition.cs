namespace PcieFabric.Topologies;

/// <summary>Designated Vendor-Specific Extended Capability (PCIe 6.0 section 7.9.6).</summary>
/// <param name="VendorId">Who defined it.</param>
/// <param name="Id">DVSEC ID, theirs to give.</param>
/// <param name="Revision">0 to 15.</param>
/// <param name="Body">The DWs from offset 0x0C, read-only.</param>
public sealed record DvsecDefinition(ushort VendorId, ushort Id, int Revision, IReadOnlyList<uint> Body);
