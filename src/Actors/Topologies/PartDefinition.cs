using PcieFabric.Input;

namespace PcieFabric.Topologies;

/// <summary>What a port can be attached to: a <see cref="SwitchDefinition"/> or an <see cref="EndpointDefinition"/>.</summary>
public abstract record PartDefinition
{
    private protected PartDefinition() { }

    /// <summary>Unique among switches and endpoints together; a component of paths.</summary>
    public required string Name { get; init; }

    public SourceLocation? Source { get; init; }
}
