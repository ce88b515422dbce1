using PcieFabric.Input;

namespace PcieFabric.Topologies;

/// <summary>
/// A whole fabric as a value: hosts, and what hangs below their root ports. Parts that are used many times are one shared
/// object; <see cref="TopologyInstances"/> gives every use its path.
/// </summary>
public sealed record TopologyDefinition
{
    public required string Name { get; init; }
    public string Description { get; init; } = "";

    /// <summary>In the order of the file, which is the order of channel ids.</summary>
    public required IReadOnlyList<HostDefinition> Hosts { get; init; }

    public PartitionHint Partitions { get; init; } = PartitionHint.None;

    public SourceLocation? Source { get; init; }
}
