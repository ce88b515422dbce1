using PcieFabric.Documents.Shapes;
using PcieFabric.EndpointFunctions.EpfDoorbells;
using PcieFabric.Input;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>The host rings doorbells of each function, and waits for the MSI by which the function's handler answers.</summary>
public sealed record DoorbellWorkload : WorkloadDefinition
{
    private static readonly Key<int> First = Key.Optional("first", new SweepShape<int>(Values.Whole(1, Limits.MaxAriFunctions), Dimension.Count), "256", "Of the functions that are selected the first so many take part.");
    private static readonly Key<int> DoorbellsKey = Key.Optional("doorbells", new SweepShape<int>(Values.Whole(1, EpfDoorbellRegisters.MaxAnswers), Dimension.Count), "1",
        "Doorbells of each function that are rung, each again once it was answered. Embedded doorbells are one, however many.");

    internal static readonly WorkloadKind[] Kinds =
    [
        new("doorbell", "The host rings doorbells of endpoint functions and waits for the answers; an operation is a ring and its answer.", sizeof(uint), [First, DoorbellsKey], (fields, sizes) => new DoorbellWorkload
        {
            Name = "doorbell",
            SizesBytes = sizes,
            FirstFunctions = fields.Get(First),
            Doorbells = fields.Get(DoorbellsKey),
        }),
    ];

    public override string Kind => "doorbell";

    /// <summary>Of the functions of one host that are selected.</summary>
    public int FirstFunctions { get; init; }

    /// <summary>Of each function: so many rings are under way at once.</summary>
    public int Doorbells { get; init; }

    internal override Step StepAt(int sizeBytes) => new DoorbellStep(this, sizeBytes);

    internal override void Check(WorkloadRules rules, Func<Key, SourceLocation> at) => WorkloadRules.CheckDoorbells(rules.Select(Functions), Functions.Source);
}
