using PcieFabric.Links;

namespace PcieFabric.Endpoints;

/// <summary>What is fixed about an endpoint.</summary>
public sealed record EndpointSettings
{
    public required LinkSettings Link { get; init; }

    /// <summary>The port above acts on a TLP's head.</summary>
    public bool PartnerCutsThrough { get; init; }

    /// <summary>The place in the list is the function number; null where a number is not used. Eight at most, 256 with <see cref="Ari"/>.</summary>
    public required IReadOnlyList<FunctionSettings?> Functions { get; init; }

    /// <summary>Function numbers have eight bits (PCIe 6.0 section 6.13).</summary>
    public bool Ari { get; init; }

    /// <summary>From a read's arrival to its completion: 100 ns unless said otherwise, of the order of an on-chip memory behind a bus interface.</summary>
    public SimTime ReadLatency { get; init; } = SimTime.FromNanoseconds(100);

    /// <summary>Between the port and the actors that model functions.</summary>
    public SimTime FunctionLatency { get; init; } = SimTime.FromNanoseconds(10);
}
