using PcieFabric.EndpointFunctions;
using PcieFabric.Gateways;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.VfioUser.Live;

/// <summary>How a fabric is run for guests.</summary>
public sealed record LiveOptions
{
    public ulong Seed { get; init; } = 1;

    public AttachMode Mode { get; init; }

    /// <summary>Where to record the session; null for nowhere.</summary>
    public string? Journal { get; init; }

    /// <summary>Values that were set over the topology.</summary>
    public IReadOnlyList<Documents.Override> Overrides { get; init; } = [];

    /// <summary>Behaviours of the caller's own, as in <see cref="FabricOptions.Models"/>. A journal names the model and does not have its code: only who brings it can replay the session.</summary>
    public Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> Models { get; init; } = [];
}
