namespace PcieFabric.Topologies;

/// <summary>Advanced Error Reporting (PCIe 6.0 section 7.8.4).</summary>
/// <param name="Ecrc">ECRC generation and checking are supported.</param>
public sealed record AerDefinition(bool Ecrc);
