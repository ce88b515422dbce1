using PcieFabric.Units;

namespace PcieFabric.Topologies;

/// <summary>A link and what both its ends agreed on.</summary>
public sealed record LinkDefinition
{
    public static readonly LinkDefinition Default = new();

    /// <summary>1 (2.5 GT/s) to 6 (64 GT/s).</summary>
    public int Generation { get; init; } = 3;

    /// <summary>Lanes: 1, 2, 4, 8, 16 or 32.</summary>
    public int Width { get; init; } = 8;

    /// <summary>Propagation one way, both transceivers included; also the look-ahead that partitions live from, hence above zero.</summary>
    public SimTime Latency { get; init; } = SimTime.FromNanoseconds(50);

    /// <summary>Max_Payload_Size that both ends support: a power of two from 128 to 4096.</summary>
    public int MaxPayloadBytes { get; init; } = 256;

    /// <summary>Max_Read_Request_Size: a power of two from 128 to 4096.</summary>
    public int MaxReadRequestBytes { get; init; } = 512;

    /// <summary>Read Completion Boundary: 64 or 128.</summary>
    public int ReadCompletionBoundaryBytes { get; init; } = 64;

    public DllpAccounting Dllps { get; init; } = DllpAccounting.Factor;

    /// <summary>What each receiver of the link advertises; null for as much as the link needs to run at full rate.</summary>
    public CreditsDefinition? Credits { get; init; }
}

/// <summary>How Data Link Layer Packets take their share of a link.</summary>
public enum DllpAccounting
{
    /// <summary>As the published model does: a factor on the rate, by generation, width and MPS.</summary>
    Factor,

    /// <summary>Acks and flow control updates are sent when they are due.</summary>
    Real,

    /// <summary>They cost nothing.</summary>
    None,
}
