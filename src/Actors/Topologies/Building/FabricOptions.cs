using PcieFabric.EndpointFunctions;

namespace PcieFabric.Topologies.Building;

/// <summary>How to run a topology. Only the seed and the models can change a result.</summary>
public sealed record FabricOptions
{
    public ulong Seed { get; init; } = 1;

    /// <summary>Sequential loops to spread the actors over; zero follows the topology's hint, or else is one.</summary>
    public int Partitions { get; init; }

    /// <summary>Every host has a channel on which a gateway gets what comes from outside.</summary>
    public bool HasInputs { get; init; }

    /// <summary>Behaviours by the name that a function's <c>model</c> has, besides the fabric's own.</summary>
    public Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> Models { get; init; } = [];

    /// <summary>Software for functions of controllers, by the name that a function's <c>model</c> has, besides the fabric's own.</summary>
    public Dictionary<string, Func<FunctionDefinition, BoundFunction>> BoundModels { get; init; } = [];
}
