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
    private readonly List<FunctionInstance> _functions = [.. TopologyInstances.Functions(topology)];

    /// <exception cref="InputException">Located at the pattern or BAR.</exception>
    public void Check(WorkloadDraft draft)
    {
        var functions = Select(draft.Definition.Functions);
        switch (draft.Definition)
        {
            case MmioWorkload mmio:
                CheckBar(functions, mmio.Bar, mmio.OffsetBytes, mmio, draft.BarSource);
                break;
            case PeerCopyWorkload copy:
                var targets = Select(copy.Target);
                CheckBar(targets, copy.Bar, copy.OffsetBytes, copy, draft.BarSource);
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
            var bar = function.Bars.FirstOrDefault(bar => bar.Index == index && bar.Type != BarType.Io)
                ?? throw new InputException($"{path} has no memory BAR{index}",
                    Suggestion.For("", [.. function.Bars.Where(bar => bar.Type != BarType.Io).Select(bar => $"BAR{bar.Index}")]), at);
            var registers = index == 0 && function.Model == "dma-test" ? DmaTest.RegisterBytes : 0;
            if (end > bar.SizeBytes - registers)
            {
                throw new InputException($"{new Quantity(workload.SizesBytes.Max(), Dimension.Size)} at 0x{offset:x} do not fit into BAR{index} of {path}",
                    $"it has {new Quantity(bar.SizeBytes, Dimension.Size)}{(registers == 0 ? "" : $", the last {registers} B of them registers")}", at);
            }
        }
    }

    private static void CheckPairs(List<FunctionInstance> sources, List<FunctionInstance> targets, PathPattern pattern)
    {
        foreach (var ofHost in sources.GroupBy(source => HostOf(source.Path)))
        {
            var peers = targets.FindAll(target => HostOf(target.Path) == ofHost.Key);
            if (peers.Count == 0)
                throw new InputException($"{ofHost.First().Path} and {targets[0].Path} have different hosts", "peers need a common one", pattern.Source);
            foreach (var (place, source) in ofHost.Index())
            {
                if (source.Path == peers[place % peers.Count].Path)
                    throw new InputException($"{source.Path} would copy to itself", "let 'functions' and 'target' select different functions", pattern.Source);
            }
        }
    }

    /// <summary>The first component of a path.</summary>
    private static string HostOf(string path) => path[..path.IndexOf('/')];
}
