using System.Numerics;
using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointFunctions;
using PcieFabric.Endpoints;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Building;

/// <summary>Shared memory for what hosts and BARs hold. It is sparse, so it is sized for everything and paid for what is used.</summary>
internal static class BarMemory
{
    public static long Footprint(TopologyDefinition topology)
    {
        var bytes = 0L;
        foreach (var host in topology.Hosts) bytes += HostMemory.Footprint(host.MemoryBytes);
        foreach (var instance in TopologyInstances.Of(topology))
            if (instance.Part is EndpointDefinition { Controller: not null } endpoint)
                bytes += SharedMemory.Footprint(LocalBytes(endpoint));
        foreach (var function in TopologyInstances.Functions(topology)) {
            bytes += function.Function.Bars.Sum(b => SharedMemory.Footprint((long)LargestSize(b)));
            if (function.Function.Capabilities.SrIov?.Options is { } virtualFunctions) bytes += virtualFunctions.VfBars.Sum(b => SharedMemory.Footprint((long)b.Size * virtualFunctions.TotalVfs));
        }
        return bytes;
    }

    /// <summary>What each function of a controller has of its endpoint's memory: six BARs of the smallest resizable size, and as much for buffers.</summary>
    public const long FunctionLocalBytes = 16 << 20;

    public static long LocalBytes(EndpointDefinition endpoint) => (endpoint.Functions.Count + endpoint.VirtualFunctions.Sum(each => each.Count)) * FunctionLocalBytes;

    /// <summary>Memory for the BARs that the model leaves to its endpoint.</summary>
    /// <param name="copies">So many functions, one after the other in each region.</param>
    public static IReadOnlyDictionary<int, MemoryRegion> Allocate(SharedMemory memory, FunctionDefinition function, EndpointFunction? model, int copies = 1)
    {
        var bars = function.Bars.Where(bar => model is null || model.RegistersIn(bar.Index, bar.Size).Size < bar.Size).ToList();
        if (bars.Count == 0) return None;
        var regions = new MemoryRegion?[bars.Max(bar => bar.Index) + 1];
        foreach (var bar in bars) regions[bar.Index] = memory.Allocate((long)LargestSize(bar) * copies);
        return new BarRegions(regions);
    }

    /// <summary>Memory for the BARs of one virtual function, out of what all of them have together.</summary>
    /// <param name="all">By BAR index.</param>
    /// <param name="vf">From zero.</param>
    public static IReadOnlyDictionary<int, MemoryRegion> Share(IReadOnlyDictionary<int, MemoryRegion> all, FunctionDefinition virtualFunction, int vf)
    {
        var shares = new MemoryRegion?[virtualFunction.Bars.Select(bar => bar.Index + 1).DefaultIfEmpty(0).Max()];
        foreach (var bar in virtualFunction.Bars)
            if (all.TryGetValue(bar.Index, out var region))
                shares[bar.Index] = region.Slice(vf * (long)bar.Size, (long)bar.Size);
        return new BarRegions(shares);
    }

    private static readonly BarRegions None = new();

    private static ulong LargestSize(BarDefinition bar) => bar.ResizableSizes == 0 ? bar.Size : 1UL << BitOperations.Log2(bar.ResizableSizes);
}
