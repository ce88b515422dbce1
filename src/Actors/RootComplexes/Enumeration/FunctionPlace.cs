namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Where a function is wired, whatever numbers enumeration gives its buses: with it, software finds again what a topology calls by a path.</summary>
/// <param name="Path">In the topology: <c>host0/rp0/leaf/dp3/quad/fn1</c>, or a port's.</param>
/// <param name="Hierarchy">Which of the host's root complexes it is below.</param>
/// <param name="Steps">Device and function number on each bus from the root bus down, as in the low byte of a Routing ID; the last is the function's own.</param>
public sealed record FunctionPlace(string Path, int Hierarchy, IReadOnlyList<byte> Steps)
{
    /// <summary>An endpoint's function, not a port.</summary>
    public bool IsFunction { get; init; }

    /// <returns>Null where enumeration found nothing, as below a link that is down.</returns>
    public EnumeratedFunction? Find(EnumeratedHierarchy hierarchy)
    {
        var siblings = hierarchy.RootBus;
        EnumeratedFunction? found = null;
        foreach (var step in Steps)
        {
            found = siblings.FirstOrDefault(function => function.Bdf.AriFunction == step);
            if (found is null) return null;
            siblings = found.Children;
        }
        return found;
    }
}
