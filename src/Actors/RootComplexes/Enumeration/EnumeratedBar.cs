using PcieFabric.ConfigSpaces;

namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>A BAR with the addresses that it got.</summary>
/// <param name="Index">Of its first register.</param>
public sealed record EnumeratedBar(int Index, BarKind Kind, bool Prefetchable, AddressRange Range);
