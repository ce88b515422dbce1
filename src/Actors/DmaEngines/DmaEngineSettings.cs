using PcieFabric.Links;

namespace PcieFabric.DmaEngines;

/// <summary>What is fixed about a DMA engine.</summary>
public sealed record DmaEngineSettings
{
    /// <summary>The memory of the endpoint, at local address zero.</summary>
    public required MemoryRegion LocalMemory { get; init; }

    /// <summary>Functions on whose behalf it asks.</summary>
    public required int Functions { get; init; }

    /// <summary>What the controller buffers of its requests.</summary>
    public required CreditLimits Credits { get; init; }

    /// <summary>Between it and the controller, and between it and the processor.</summary>
    public required SimTime Latency { get; init; }
}
