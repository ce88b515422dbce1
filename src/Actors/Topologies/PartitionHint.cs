namespace PcieFabric.Topologies;

/// <summary>How the author would spread the actors. Only a hint: results never depend on it.</summary>
/// <param name="Count">Partitions; zero leaves the choice to whoever runs the topology.</param>
/// <param name="Pins">Where the first pattern that matches an actor's path puts that actor.</param>
public sealed record PartitionHint(int Count, IReadOnlyList<PartitionPin> Pins)
{
    public static readonly PartitionHint None = new(0, []);
}

/// <summary>Actors whose path matches belong into partition <paramref name="Partition"/>, counted from zero.</summary>
public sealed record PartitionPin(PathPattern Pattern, int Partition);
