using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Topologies.Enumerated;

/// <summary>What is below one root complex.</summary>
/// <param name="Settings">Its name, number and windows.</param>
/// <param name="Found">What host software saw.</param>
/// <param name="RootPorts">In the order of their numbers.</param>
public sealed record EnumeratedSegment(Hierarchy Settings, EnumeratedHierarchy Found, IReadOnlyList<PlacedFunction> RootPorts)
{
    /// <summary>Every function, each before what is below it.</summary>
    public IEnumerable<PlacedFunction> Functions => RootPorts.SelectMany(port => port.DepthFirst());
}
