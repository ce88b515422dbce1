using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Topologies.Enumerated;

/// <summary>What is below one root complex.</summary>
/// <param name="Settings">Its name, number and windows.</param>
/// <param name="Found">What host software saw.</param>
/// <param name="RootBus">Root ports, and the host bridge where it is a function, in the order of their numbers.</param>
public sealed record EnumeratedSegment(Hierarchy Settings, EnumeratedHierarchy Found, IReadOnlyList<PlacedFunction> RootBus)
{
    /// <summary>Every function, each before what is below it.</summary>
    public IEnumerable<PlacedFunction> Functions => RootBus.SelectMany(port => port.DepthFirst());
}
