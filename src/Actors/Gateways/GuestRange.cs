namespace PcieFabric.Gateways;

/// <summary>A range of a guest's addresses, and what is there.</summary>
/// <param name="PeerAddress">Of a peer's range, where it starts on the fabric's own bus.</param>
public readonly record struct GuestRange(AddressRange Range, RangeUse Use, ulong PeerAddress = 0);
