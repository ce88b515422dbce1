namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Where a capability stands in configuration space.</summary>
/// <param name="Id">Of the list in which it stands: <c>CapabilityId</c> or <c>ExtendedCapabilityId</c>.</param>
/// <param name="Offset">In bytes.</param>
public readonly record struct CapabilityLocation(ushort Id, ushort Offset);
