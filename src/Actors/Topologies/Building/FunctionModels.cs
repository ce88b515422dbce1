using PcieFabric.EndpointFunctions;

namespace PcieFabric.Topologies.Building;

/// <summary>The behaviours that the fabric brings, by the name that a topology gives them.</summary>
public static class FunctionModels
{
    public static readonly IReadOnlyDictionary<string, Func<FunctionDefinition, EndpointFunction?>> Known =
        new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>>
        {
            ["memory"] = static _ => null,
            ["dma-test"] = static _ => new DmaTest(),
        };
}
