using System.Numerics;
using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointFunctions;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Building;

/// <summary>Shared memory for what hosts and BARs hold. It is sparse, so it is sized for everything and paid for what is used.</summary>
internal static class BarMemory
{
    public static long Footprint(TopologyDefinition topology)
    {
        var bytes = 0L;
        foreach (var host in topology.Hosts) bytes += HostMemory.Footprint(host.MemoryBytes);
        foreach (var function in TopologyInstances.Functions(topology)) bytes += function.Function.Bars.Sum(b => SharedMemory.Footprint((long)LargestSize(b)));
        return bytes;
    }

    /// <summary>Memory for the BARs that the model leaves to its endpoint.</summary>
    public static IReadOnlyDictionary<int, MemoryRegion> Allocate(SharedMemory memory, FunctionDefinition function, EndpointFunction? model)
    {
        Dictionary<int, MemoryRegion>? regions = null;
        foreach (var bar in function.Bars)
            if (model is null || model.RegistersIn(bar.Index, bar.Size).Size < bar.Size)
                (regions ??= []).Add(bar.Index, memory.Allocate((long)LargestSize(bar)));
        return regions ?? None;
    }

    private static readonly Dictionary<int, MemoryRegion> None = [];

    private static ulong LargestSize(BarDefinition bar) => bar.ResizableSizes == 0 ? bar.Size : 1UL << BitOperations.Log2(bar.ResizableSizes);
}
