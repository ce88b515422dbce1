using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>The keys that workloads have in common, and the list of all kinds.</summary>
internal static class WorkloadSchema
{
    private const int MostChecks = 64;

    /// <summary>A new kind of workload is one more entry here: its record has its keys, its rules and its step.</summary>
    private static readonly WorkloadKind[] Kinds = [.. MmioWorkload.Kinds, .. DmaWorkload.Kinds, .. PeerCopyWorkload.Kinds, .. DoorbellWorkload.Kinds, .. NtbWorkload.Kinds];

    private static readonly Key<Located<string>> Name = Key.Required("name", Values.Reference, "What results call the workload.");
    private static readonly Key<PathPattern> Functions = Key.Optional("functions", new PathPatternShape(), "**", "The functions that take part: '*' is any part of a component, '**' any components.");
    private static readonly Key<int> Count = Key.Optional("count", new SweepShape<int>(Values.Whole(1, Limits.MaxOperations), Dimension.Count), "1000", "Operations of each function at each size.");
    private static readonly Key<ulong?> Total = Key.Absent("total", new SweepShape<ulong?>(Values.Size(1, 1UL << 50).As(size => (ulong?)size), Dimension.Size), null, "Bytes that each function moves at each size; instead of 'count'.");
    private static readonly Key<int> WarmUp = Key.Optional("warm-up", new SweepShape<int>(Values.Whole(0, Limits.MaxOperations), Dimension.Count), "0", "Operations of each function at each size that are not measured.");
    private static readonly Key<int> Outstanding = Key.Optional("outstanding", new SweepShape<int>(Values.Whole(1, Limits.MaxOutstandingRequests), Dimension.Count), "1", "Operations that each function has under way at once.");
    private static readonly Key<IReadOnlyList<ScalarNode>> Checks = Key.Absent<IReadOnlyList<ScalarNode>>("checks", new ListShape<ScalarNode>(new CheckShape(), MostChecks), [], "What must come out.");

    /// <summary>A workload, at each point of its sweep.</summary>
    public static readonly Shape<IReadOnlyList<WorkloadDraft>> Shape = new VariantShape<IReadOnlyList<WorkloadDraft>>("a workload", "kind", "What is done.", [.. Kinds.Select(kind => (kind.Name, Record(kind)))]);

    public static IEnumerable<string> KindNames => Kinds.Select(kind => kind.Name);

    private static Shape<IReadOnlyList<WorkloadDraft>> Record(WorkloadKind kind)
    {
        var kindKey = Key.Required("kind", new ChoiceShape<string>(new Choice<string>(kind.Name, kind.Name)), kind.Documentation);
        var sizes = Key.Required("sizes", new ListShape<int>(Values.Size(1, (ulong)kind.LargestBytes).As(size => (int)size), Limits.MaxSweepSizes, least: 1), "Bytes of one operation; each size is measured by itself.");
        Key[] keys = [Name, kindKey, Functions, sizes, Count, Total, WarmUp, Outstanding, .. kind.Keys, Checks];
        return new SweptRecordShape<WorkloadDraft>(keys, point => new RecordShape<WorkloadDraft>($"a {kind.Name} workload", kind.Documentation, keys, fields =>
        {
            fields.Get(kindKey);
            var total = fields.Get(Total);
            if (total is not null && fields.Has(Count))
                throw new InputException("'count' and 'total' exclude each other", "leave one of them out", fields.At(Total));
            var definition = kind.Make(fields, fields.Get(sizes)) with
            {
                Name = fields.Get(Name).Value,
                Point = point,
                Functions = fields.Get(Functions),
                SizesBytes = fields.Get(sizes),
                Count = fields.Get(Count),
                TotalBytes = (long)(total ?? 0),
                WarmUp = fields.Get(WarmUp),
                Outstanding = fields.Get(Outstanding),
                Source = fields.Location,
            };
            return new WorkloadDraft(definition, fields.Get(Name), fields.At, fields.Get(Checks));
        }));
    }
}
