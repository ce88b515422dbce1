using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.RootComplexes;

/// <summary>Two functions that may reach each other.</summary>
public readonly record struct PeerPair(FunctionPlace One, FunctionPlace Other);
