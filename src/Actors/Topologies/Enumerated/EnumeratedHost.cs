namespace PcieFabric.Topologies.Enumerated;

/// <summary>A host after it enumerated all of its root complexes, one after the other.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Place">Among the hosts of the topology.</param>
/// <param name="Finished">When its software was done, in virtual time.</param>
/// <param name="Segments">In the order of its root complexes.</param>
public sealed record EnumeratedHost(string Name, int Place, SimTime Finished, IReadOnlyList<EnumeratedSegment> Segments)
{
    /// <summary>Every function of every segment.</summary>
    public IEnumerable<PlacedFunction> Functions => Segments.SelectMany(segment => segment.Functions);
}
