namespace PcieFabric.RootComplexes;

/// <summary>What is fixed about a host's root complexes.</summary>
public sealed record RootComplexSettings
{
    public required IReadOnlyList<Hierarchy> Hierarchies { get; init; }

    public required HostMemory Memory { get; init; }

    public Processor Processor { get; init; }

    /// <summary>From a read's arrival at the root complex to its data: 200 ns unless said otherwise, so that with a link and a switch a read takes what was measured on servers.</summary>
    public SimTime MemoryLatency { get; init; } = SimTime.FromNanoseconds(200);

    /// <summary>Between the root complex and its root ports, one way.</summary>
    public SimTime PortLatency { get; init; } = SimTime.FromNanoseconds(20);

    /// <summary>RCB, 64 or 128 bytes.</summary>
    public int ReadCompletionBoundary { get; init; } = 64;

    /// <summary>An IOMMU stands between the root ports and this root complex.</summary>
    public bool HasIommu { get; init; }
}
