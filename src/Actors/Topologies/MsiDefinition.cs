namespace PcieFabric.Topologies;

/// <summary>Message Signaled Interrupts (PCIe 6.0 section 7.7.1), always with a 64-bit address.</summary>
/// <param name="Vectors">Vectors that the function asks for: a power of two from 1 to 32.</param>
/// <param name="Masking">Per-vector masking is there.</param>
public sealed record MsiDefinition(int Vectors, bool Masking);
