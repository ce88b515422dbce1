using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Topologies.Enumerated;

/// <summary>A function with both of its addresses: that of the bus, which enumeration gave, and that of the topology.</summary>
/// <param name="Path">Of the port, or of the function in its endpoint: <c>host0/rp0/leaf/up</c>, <c>host0/rp0/leaf/dp3/quad/fn1</c>.</param>
/// <param name="Part">The switch or endpoint that it belongs to; null for a root port or host bridge.</param>
/// <param name="Found">What host software saw.</param>
/// <param name="Space">What its actor holds. To be read while the engine stands still.</param>
/// <param name="Children">On the secondary bus, in the order of their numbers.</param>
public sealed record PlacedFunction(string Path, PartDefinition? Part, EnumeratedFunction Found, ConfigSpace Space, IReadOnlyList<PlacedFunction> Children)
{
    public Bdf Bdf => Found.Bdf;

    /// <summary>The function, and all below it, each before its children.</summary>
    public IEnumerable<PlacedFunction> DepthFirst() => Children.SelectMany(child => child.DepthFirst()).Prepend(this);
}
