using PcieFabric.Documents.Shapes;
using PcieFabric.EndpointFunctions.EpfVntbs;
using PcieFabric.Input;
using PcieFabric.NonTransparentBridges;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>A host and the processors of endpoints send each other data through windows of virtual NTBs, and say so by doorbells.</summary>
public sealed record NtbWorkload : WorkloadDefinition
{
    private const string KindName = "vntb";
    private const string Model = "epf-vntb";

    private static readonly Key<bool> Direction = Key.Required("direction", new SweepShape<bool>(
        new ChoiceShape<bool>(new("to-endpoint", false, "the host writes, rings, and is answered by a ring"), new("to-host", true, "the host rings, the endpoint writes and rings"))),
        "Where the data goes.");

    internal static readonly WorkloadKind[] Kinds =
    [
        new(KindName, "Host and endpoint send each other data through a window of a virtual NTB, one transfer at a time, and ring.", Limits.MaxVntbWindowBytes, [Direction],
            (fields, sizes) => new NtbWorkload { Name = KindName, SizesBytes = sizes, ToHost = fields.Get(Direction) }),
    ];

    public override string Kind => KindName;

    public required bool ToHost { get; init; }

    internal override Step StepAt(int sizeBytes) => new NtbStep(this, sizeBytes);

    internal override void Check(WorkloadRules rules, Func<Key, SourceLocation> at)
    {
        foreach (var function in rules.Select(Functions))
            if (function.Function.Model != Model)
                throw new InputException($"{function.Path} is no virtual NTB: its model is '{function.Function.Model}'", $"select functions with the model '{Model}'", Functions.Source);
        if (Outstanding != 1) throw new InputException("transfers through a virtual NTB are made one at a time", "leave 'outstanding' out", Source);
    }

    /// <summary>Gives the endpoints of all such workloads the software that answers.</summary>
    /// <exception cref="InputException">A transfer is larger than the window that it goes through.</exception>
    internal static void StartEchoes(ExperimentDefinition definition, Fabric fabric)
    {
        NtbWorkload[] workloads = [.. definition.Workloads.OfType<NtbWorkload>()];
        foreach (var (path, software) in fabric.BoundFunctions)
        {
            if (software.Function is not EpfVntb bridge) continue;
            NtbWorkload[] own = [.. workloads.Where(workload => workload.Functions.Matches(path))];
            if (own.Length == 0) continue;
            foreach (var workload in own)
                if ((ulong)workload.SizesBytes.Max() > bridge.Options.WindowBytes[0])
                    throw new InputException($"{new Quantity(workload.SizesBytes.Max(), Dimension.Size)} do not fit into a window of {path}", $"it has {new Quantity(bridge.Options.WindowBytes[0], Dimension.Size)}, by its setting 'mw1'", workload.Source);
            software.Run(_ => EchoAsync(path, bridge, software.Memory));
        }
    }

    private static Task EchoAsync(string path, EpfVntb bridge, EndpointControllers.LocalMemory memory)
    {
        if (!bridge.IsBound) throw new InputException($"{path} is no bridge: its controller refused", bridge.Refusals.Count > 0 ? bridge.Refusals[^1].ToString() : "it has too few BARs or no MSI");
        var window = bridge.Window(0);
        if (!memory.TryAllocate(window.SizeBytes, window.AddressAlignmentBytes, out var address)) throw new InputException($"{path} has no memory for a window", "make it smaller");
        return new NtbEcho(bridge, address, memory.Bytes(address, (int)window.SizeBytes)).RunAsync();
    }
}
