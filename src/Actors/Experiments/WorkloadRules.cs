using PcieFabric.ConfigSpaces;
using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.EndpointFunctions;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>What a workload and the topology must agree on: patterns select functions, and these have the BAR that is asked for.</summary>
internal sealed class WorkloadRules(TopologyDefinition topology)
{
    private const int PageBytes = 4096;

    private readonly List<FunctionInstance> _functions = [.. TopologyInstances.Functions(topology)];

    /// <exception cref="InputException">Located at the pattern or BAR.</exception>
    public void Check(WorkloadDraft draft)
    {
        var functions = Select(draft.Definition.Functions);
        switch (draft.Definition)
        {
            case MmioWorkload mmio:
                CheckBar(functions, mmio.Bar, mmio.OffsetBytes, mmio, draft.AddressSource);
                break;
            case DmaWorkload dma:
                CheckMemory(functions, dma, draft.AddressSource);
                break;
            case PeerCopyWorkload copy:
                var targets = Select(copy.Target);
                CheckBar(targets, copy.Bar, copy.OffsetBytes, copy, draft.AddressSource);
                CheckPairs(functions, targets, copy.Target);
                break;
        }
    }

    private List<FunctionInstance> Select(PathPattern pattern)
    {
        var selected = _functions.FindAll(function => pattern.Matches(function.Path));
        if (selected.Count > 0)
            return selected;
        var hint = _functions.Count == 0 ? "the topology has none" : $"the topology has {_functions.Count}, such as {_functions[0].Path}";
        throw new InputException($"no function has a path like '{pattern}'", hint, pattern.Source);
    }

    private static void CheckBar(List<FunctionInstance> functions, int index, ulong offset, WorkloadDefinition workload, SourceLocation at)
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

    private void CheckMemory(List<FunctionInstance> functions, DmaWorkload dma, SourceLocation at)
    {
        foreach (var host in topology.Hosts)
        {
            var users = functions.Count(function => function.Path.StartsWith(host.Name + "/", StringComparison.Ordinal));
            // A page more than the buffer, because it need not start at one.
            var needed = (UInt128)(dma.Reads && dma.Writes ? 2 * users : users) * ((ulong)dma.BufferBytes + PageBytes);
            if (needed > host.MemoryBytes)
            {
                throw new InputException($"{users} buffers of {new Quantity(dma.BufferBytes, Dimension.Size)} do not fit into the memory of '{host.Name}'",
                    $"it has {new Quantity(host.MemoryBytes, Dimension.Size)}; set a smaller 'buffer', or select fewer functions", at);
            }
        }
    }

    private static void CheckPairs(List<FunctionInstance> sources, List<FunctionInstance> targets, PathPattern pattern)
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
}
