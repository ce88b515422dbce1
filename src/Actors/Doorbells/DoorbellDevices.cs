namespace PcieFabric.Doorbells;

/// <summary>The devices of an endpoint that make doorbells, by local address; null where there is none.</summary>
/// <param name="EmbeddedBar">The reserved BAR in which the hardware shows the DMA engine's registers, and where; -1 for none.</param>
public sealed record DoorbellDevices(ulong? Interrupts = null, ulong? MessageStore = null, ulong? DmaControl = null, int EmbeddedBar = -1, ulong EmbeddedOffset = 0);
