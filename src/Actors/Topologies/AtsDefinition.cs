namespace PcieFabric.Topologies;

/// <summary>Address Translation Services (PCIe 6.0 section 10.5.1).</summary>
/// <param name="InvalidateQueueDepth">Invalidate Requests that the function can hold: 1 to 32.</param>
/// <param name="GlobalInvalidate">Invalidate Requests may speak of all PASIDs.</param>
public sealed record AtsDefinition(int InvalidateQueueDepth, bool GlobalInvalidate);
