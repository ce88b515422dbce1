namespace PcieFabric.Topologies;

/// <summary>Process Address Space ID (PCIe 6.0 section 7.8.9).</summary>
/// <param name="Width">Bits of a PASID: 1 to 20.</param>
/// <param name="Execute">Execute permission is supported.</param>
/// <param name="Privileged">Privileged mode is supported.</param>
public sealed record PasidDefinition(int Width, bool Execute, bool Privileged);
