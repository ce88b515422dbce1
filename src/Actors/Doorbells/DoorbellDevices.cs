namespace PcieFabric.Doorbells;

/// <summary>The devices of an endpoint that make doorbells, by local address; null where there is none.</summary>
/// <param name="Embedded">The register of the DMA engine by which an interrupt is emulated.</param>
/// <param name="EmbeddedBar">The reserved BAR in which the hardware shows that register, and where; -1 for none.</param>
public sealed record DoorbellDevices(ulong? Interrupts = null, ulong? MessageStore = null, ulong? Embedded = null, int EmbeddedBar = -1, ulong EmbeddedOffset = 0);
