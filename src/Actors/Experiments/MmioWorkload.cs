using PcieFabric.Documents.Shapes;
using PcieFabric.Input;

namespace PcieFabric.Experiments;

/// <summary>The host reads or writes a BAR of each function.</summary>
public sealed record MmioWorkload : WorkloadDefinition
{
    internal static readonly WorkloadKind[] Kinds =
    [
        Named("mmio-read", isWrite: false, "The host reads a BAR and waits for the completion."),
        Named("mmio-write", isWrite: true, "The host writes a BAR; posted."),
    ];

    public override string Kind => IsWrite ? "mmio-write" : "mmio-read";

    public required bool IsWrite { get; init; }

    /// <summary>Index of the BAR.</summary>
    public int Bar { get; init; }

    /// <summary>Where in the BAR, in bytes; successive operations all go there.</summary>
    public ulong OffsetBytes { get; init; }

    internal override Step StepAt(int sizeBytes) => new MmioStep(this, sizeBytes);

    internal override void Check(WorkloadRules rules, Func<Key, SourceLocation> at) =>
        WorkloadRules.CheckBar(rules.Select(Functions), Bar, OffsetBytes, this, at(BarKeys.Bar));

    /// <summary>One access of host software is one TLP.</summary>
    private static WorkloadKind Named(string kind, bool isWrite, string documentation) =>
        new(kind, documentation, Limits.MaxPayloadBytes, [BarKeys.Bar, BarKeys.Offset], (fields, sizes) => new MmioWorkload
        {
            Name = kind,
            SizesBytes = sizes,
            IsWrite = isWrite,
            Bar = fields.Get(BarKeys.Bar),
            OffsetBytes = fields.Get(BarKeys.Offset),
        });
}
