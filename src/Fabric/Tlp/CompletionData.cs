namespace PcieFabric.Tlps;

/// <summary>Where the bytes of a matched completion belong.</summary>
/// <param name="OffsetBytes">From the first enabled byte of the request.</param>
/// <param name="LeadBytes">Bytes at the start of the payload that were not asked for.</param>
/// <param name="DataBytes">Bytes after those that were; what follows is padding. A zero-length read counts as one byte (PCIe 6.0 table 2-38).</param>
public readonly record struct CompletionData(int OffsetBytes, int LeadBytes, int DataBytes);
