using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Links;

namespace PcieFabric.EndpointControllers;

/// <summary>What is fixed about an endpoint controller.</summary>
public sealed record EndpointControllerSettings
{
    public required ControllerProfile Profile { get; init; }

    public required LinkSettings Link { get; init; }

    /// <summary>The port above acts on a TLP's head.</summary>
    public bool PartnerCutsThrough { get; init; }

    /// <summary>The memory of the endpoint, at local address zero.</summary>
    public required MemoryRegion LocalMemory { get; init; }

    /// <summary>Functions whose software will bind; the controller starts when all have.</summary>
    public required int Functions { get; init; }

    /// <summary>By function number, how many virtual functions have software that will bind too; empty where none has.</summary>
    public IReadOnlyList<int> VirtualFunctions { get; init; } = [];

    /// <summary>Functions and virtual functions that have software; each has a place, the virtual ones behind the others.</summary>
    public int Places => Functions + VirtualFunctions.Sum();

    /// <summary>Otherwise software starts it.</summary>
    public bool StartsByItself { get; init; } = true;

    /// <summary>From a read's arrival to its completion.</summary>
    public SimTime ReadLatency { get; init; } = SimTime.FromNanoseconds(100);

    /// <summary>Between the controller and the processor that runs the software of its functions.</summary>
    public SimTime SoftwareLatency { get; init; } = SimTime.FromNanoseconds(10);
}
