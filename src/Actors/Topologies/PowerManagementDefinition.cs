namespace PcieFabric.Topologies;

/// <summary>Power Management (PCIe 6.0 section 7.5.2).</summary>
/// <param name="D1">D1 is supported.</param>
/// <param name="D2">D2 is supported.</param>
/// <param name="NoSoftReset">The function keeps its state from D3hot to D0.</param>
public sealed record PowerManagementDefinition(bool D1, bool D2, bool NoSoftReset);
