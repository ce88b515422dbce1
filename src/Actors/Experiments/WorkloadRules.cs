using PcieFabric.ConfigSpaces;
using PcieFabric.Documents;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.EndpointFunctions;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>What a workload and the topology must agree on: patterns select functions, and these have the BAR that is asked for.</summary>
internal sealed class WorkloadRules(TopologyDefinition topology)
{
    private readonly List<FunctionInstance> _functions = [.. TopologyInstances.Functions(topology)];

    /// <summary>The controllers of functions that are on one.</summary>
    private readonly Dictionary<string, ControllerProfile> _controllers = ControllersOf(topology);

    /// <exception cref="InputException">There is none; located at the pattern.</exception>
    public List<FunctionInstance> Select(PathPattern pattern)
    {
        var selected = _functions.FindAll(function => pattern.Matches(function.Path));
        if (selected.Count > 0)
            return selected;
        var hint = _functions.Count == 0 ? "the topology has none" : $"the topology has {_functions.Count}, such as {_functions[0].Path}";
        throw new InputException($"no function has a path like '{pattern}'", hint, pattern.Source);
    }

    /// <summary>The largest operation fits into the BAR, beside registers.</summary>
    public static void CheckBar(List<FunctionInstance> functions, int index, ulong offset, WorkloadDefinition workload, SourceLocation at)
    {
        var end = offset + (ulong)workload.SizesBytes.Max();
        foreach (var (path, function, _) in functions)
        {
            var bar = function.Bars.FirstOrDefault(bar => bar.Index == index && bar.Kind != BarKind.Io)
                ?? throw new InputException($"{path} has no memory BAR{index}",
                    Suggestion.For("", [.. function.Bars.Where(bar => bar.Kind != BarKind.Io).Select(bar => $"BAR{bar.Index}")]), at);
            var registers = index == 0 && function.Model == "dma-test" ? DmaTest.RegisterBytes : 0;
            if (end > bar.Size - registers)
            {
                throw new InputException($"{new Quantity(workload.SizesBytes.Max(), Dimension.Size)} at 0x{offset:x} do not fit into BAR{index} of {path}",
                    $"it has {new Quantity(bar.Size, Dimension.Size)}{(registers == 0 ? "" : $", the last {registers} B of them registers")}", at);
            }
        }
    }

    /// <summary>All buffers fit into the memory of their hosts.</summary>
    public void CheckMemory(List<FunctionInstance> functions, DmaWorkload dma, SourceLocation at)
    {
        foreach (var host in topology.Hosts)
        {
            var users = functions.Count(function => IsOf(function, host));
            // A page more than the buffer, because it need not start at one, and whole pages.
            var page = dma.Translation == Translation.PassThrough ? DmaWorkload.SmallPageBytes : dma.PageBytes;
            var needed = (UInt128)(dma.Reads && dma.Writes ? 2 * users : users) * (((ulong)dma.BufferBytes + page - 1) / page + 1) * page;
            if (needed > host.MemoryBytes)
            {
                throw new InputException($"{users} buffers of {new Quantity(dma.BufferBytes, Dimension.Size)} do not fit into the memory of '{host.Name}'",
                    $"it has {new Quantity(host.MemoryBytes, Dimension.Size)}; set a smaller 'buffer', or select fewer functions", at);
            }
        }
    }

    /// <summary>Every function's host has an IOMMU that knows such pages, and with ATS the function has the capability.</summary>
    public void CheckIommu(List<FunctionInstance> functions, DmaWorkload dma, SourceLocation at, SourceLocation pageAt)
    {
        foreach (var host in topology.Hosts)
        {
            if (!functions.Exists(function => IsOf(function, host))) continue;
            if (host.Iommu is not { } iommu)
                throw new InputException($"'{host.Name}' has no IOMMU", "give it 'iommu: {}' in the topology, or leave 'iommu' out", at);
            if (dma.PageBytes > iommu.LargestPageBytes)
                throw new InputException($"the IOMMU of '{host.Name}' has no pages of {new Quantity(dma.PageBytes, Dimension.Size)}", $"'largest-page' is {new Quantity(iommu.LargestPageBytes, Dimension.Size)}", pageAt);
        }
        if (dma.Translation != Translation.AddressTranslationServices) return;
        foreach (var function in functions)
            if (function.Function.Capabilities.Ats is null || _controllers.ContainsKey(function.Path))
                throw new InputException($"{function.Path} has no ATS", "give its function the capability 'ats' in the topology", at);
    }

    /// <summary>Every function is on a controller with a DMA channel.</summary>
    public void CheckEngine(List<FunctionInstance> functions, SourceLocation at)
    {
        foreach (var function in functions)
        {
            if (!_controllers.TryGetValue(function.Path, out var profile))
                throw new InputException($"{function.Path} is not on an endpoint controller", "leave 'by' out: such a function is a DMA engine itself", at);
            if (profile.Dma.Kind == DmaKind.None)
                throw new InputException($"controller '{profile.Name}' of {function.Path} has no DMA", "use 'processor', or another controller", at);
        }
    }

    /// <summary>Every function is all doorbells.</summary>
    public static void CheckDoorbells(List<FunctionInstance> functions, SourceLocation? at)
    {
        foreach (var function in functions)
            if (function.Function.Model != "epf-doorbell")
                throw new InputException($"{function.Path} has no doorbells: its model is '{function.Function.Model}'", "select functions with the model 'epf-doorbell'", at);
    }

    /// <summary>Everyone has a peer, which is another function of the same host.</summary>
    public static void CheckPairs(List<FunctionInstance> sources, List<FunctionInstance> targets, PathPattern pattern)
    {
        for (var i = 0; i < sources.Count; i++)
        {
            var (source, target) = (sources[i].Path, targets[i % targets.Count].Path);
            if (source == target)
                throw new InputException($"{source} would copy to itself", "let 'functions' and 'target' select different functions", pattern.Source);
            if (source[..source.IndexOf('/')] != target[..target.IndexOf('/')])
                throw new InputException($"{source} and {target} have different hosts", "peers need a common one", pattern.Source);
        }
    }

    private static bool IsOf(FunctionInstance function, HostDefinition host) => function.Path.StartsWith(host.Name + "/", StringComparison.Ordinal);

    private static Dictionary<string, ControllerProfile> ControllersOf(TopologyDefinition topology)
    {
        var controllers = new Dictionary<string, ControllerProfile>(StringComparer.Ordinal);
        foreach (var instance in TopologyInstances.Of(topology))
        {
            if (instance.Part is not EndpointDefinition { Controller: { } profile } endpoint) continue;
            for (var number = 0; number < endpoint.Functions.Count; number++) controllers.Add(TopologyInstances.FunctionPath(instance.Path, number), profile);
        }
        return controllers;
    }
}
