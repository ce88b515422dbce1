namespace PcieFabric.VfioUser.Live;

/// <summary>One of a live fabric's root complexes, by number of the host and among its root complexes.</summary>
public readonly record struct LivePlace(int Host, int Hierarchy);
