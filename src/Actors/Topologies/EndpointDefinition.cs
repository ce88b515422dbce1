using PcieFabric.EndpointControllers.Profiles;

namespace PcieFabric.Topologies;

/// <summary>An endpoint: one upstream port with up to 8 functions behind it, or 256 with ARI (PCIe 6.0 section 6.13).</summary>
public sealed record EndpointDefinition : PartDefinition
{
    /// <summary>The place in the list is the function number. Functions of a kind are one object, several times.</summary>
    public required IReadOnlyList<FunctionDefinition> Functions { get; init; }

    /// <summary>
    /// By function number, the virtual functions whose software is bound to the controller, the first of each being VF 1; empty where no function has any. Without a controller
    /// they are part of the function's own definition.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<FunctionDefinition>> VirtualFunctions { get; init; } = [];

    /// <summary>Every function has the ARI capability, and function numbers have eight bits.</summary>
    public bool Ari { get; init; }

    /// <summary>Null where the functions are what their definitions say; otherwise software composes them, and binds them to this controller.</summary>
    public ControllerProfile? Controller { get; init; }

    /// <summary>From a read's arrival to its completion: of the order of an on-chip memory behind a bus interface.</summary>
    public SimTime ReadLatency { get; init; } = SimTime.FromNanoseconds(100);
}
