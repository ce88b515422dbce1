using PcieFabric.EndpointFunctions;
using PcieFabric.Topologies;

namespace PcieFabric.Experiments;

/// <summary>How to run an experiment. Only the seed and the models can change a result.</summary>
public sealed record ExperimentOptions
{
    public static readonly ExperimentOptions Default = new();

    /// <summary>Null for the definition's.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Null for the definition's, which may leave it to the topology.</summary>
    public int? Partitions { get; init; }

    /// <summary>Null for the definition's, or else one.</summary>
    public int? Threads { get; init; }

    /// <summary>Behaviours by the name that a function's <c>model</c> has, besides the fabric's own.</summary>
    public Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> Models { get; init; } = [];

    /// <summary>Take a fingerprint of all messages, of which none then goes with others as a train.</summary>
    public bool Digest { get; init; }
}
