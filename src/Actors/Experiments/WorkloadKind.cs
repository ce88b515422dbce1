namespace PcieFabric.Experiments;

/// <summary>What a workload does.</summary>
public enum WorkloadKind
{
    /// <summary>The host reads from a BAR and waits for the completion.</summary>
    MmioRead,

    /// <summary>The host writes into a BAR; posted.</summary>
    MmioWrite,

    /// <summary>A function reads host memory.</summary>
    DmaRead,

    /// <summary>A function writes host memory; posted.</summary>
    DmaWrite,

    /// <summary>A function does both at once, as many of one as of the other.</summary>
    DmaReadWrite,

    /// <summary>A function writes into another function's BAR.</summary>
    PeerToPeerCopy,
}
