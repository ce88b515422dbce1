using PcieFabric.EndpointFunctions;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>Finds what functions that do DMA on demand have recorded, whether they are endpoints of their own or software on a controller.</summary>
internal static class DmaTestRuns
{
    public static bool Exist(Fabric fabric, string function) => Find(fabric, function) is not null;

    /// <summary>In the order of their start. To be read when the engine stands still.</summary>
    public static IReadOnlyList<DmaTestRun> Of(Fabric fabric, string function) => Find(fabric, function) ?? throw new InvalidOperationException($"Invariant: {function} does DMA on demand");

    private static IReadOnlyList<DmaTestRun>? Find(Fabric fabric, string function) =>
        (fabric.Functions.GetValueOrDefault(function)?.Function as DmaTest)?.Runs ?? (fabric.BoundFunctions.GetValueOrDefault(function)?.Function as BoundDmaTest)?.Runs;
}
