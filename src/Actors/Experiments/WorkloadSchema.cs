using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>The keys of a workload, for each kind.</summary>
internal static class WorkloadSchema
{
    private const int PageBytes = 4096;
    private const int MostChecks = 64;

    /// <summary>One access of host software is one TLP.</summary>
    private const int LargestMmioBytes = 4096;

    private static readonly Shape<Located<string>> Pattern = new LocatedShape<string>(new TextShape("a pattern of paths"));

    private static readonly Key<Located<string>> Name = Key.Required("name", Values.Reference, "What results call the workload.");
    private static readonly Key<Located<string>> Functions = Key.Optional("functions", Pattern, "**", "The functions that take part: '*' is any part of a component, '**' any components.");
    private static readonly Key<IReadOnlyList<int>> MmioSizes = Sizes(LargestMmioBytes);
    private static readonly Key<IReadOnlyList<int>> TransferSizes = Sizes(Limits.MaxTransferBytes);
    private static readonly Key<int> Count = Key.Optional("count", Values.Whole(1, Limits.MaxOperations), "1000", "Operations of each function at each size.");
    private static readonly Key<ulong?> Total = Key.Maybe("total", Values.Size(1, 1UL << 50), "Bytes that each function moves at each size; instead of 'count'.");
    private static readonly Key<int> WarmUp = Key.Optional("warm-up", Values.Whole(0, Limits.MaxOperations), "0", "Operations of each function at each size that are not measured.");
    private static readonly Key<int> Outstanding = Key.Optional("outstanding", Values.Whole(1, Limits.MaxOutstandingRequests), "1", "Operations that each function has under way at once.");
    private static readonly Key<int> Bar = Key.Optional("bar", Values.Whole(0, 5), "0", "Index of the BAR that is accessed.");
    private static readonly Key<ulong> Offset = Key.Optional("offset", new OffsetShape(1UL << 52), "0", "Where in the BAR.");
    private static readonly Key<ulong> Buffer = Key.Optional("buffer", Values.Size(PageBytes, 1UL << 40), "1 MiB", "Host memory that each function has for itself and walks through in turn.");
    private static readonly Key<int> Alignment = Key.Optional("misalignment", new OffsetShape(PageBytes - 1).As(value => (int)value), "0", "From a page boundary to the start of the buffer.");
    private static readonly Key<Located<string>> Target = Key.Required("target", Pattern, "The functions whose BAR is written; sources take them in turn.");
    private static readonly Key<IReadOnlyList<ScalarNode>> Checks = Key.Absent<IReadOnlyList<ScalarNode>>("checks", new ListShape<ScalarNode>(new CheckShape(), MostChecks), [], "What must come out.");

    public static readonly Shape<WorkloadDraft> Shape = new VariantShape<WorkloadDraft>("a workload", "kind", "What is done.",
    [
        Mmio("mmio-read", isWrite: false, "The host reads a BAR and waits for the completion."),
        Mmio("mmio-write", isWrite: true, "The host writes a BAR; posted."),
        Dma("dma-read", reads: true, writes: false, "Functions read host memory."),
        Dma("dma-write", reads: false, writes: true, "Functions write host memory; posted."),
        Dma("dma-read-write", reads: true, writes: true, "Functions read and write host memory at the same time."),
        PeerCopy("p2p-copy", "Functions write into other functions' BARs."),
    ]);

    private static (string, Shape<WorkloadDraft>) Mmio(string kind, bool isWrite, string documentation) =>
        Record(kind, documentation, MmioSizes, [Bar, Offset], fields => new MmioWorkload
        {
            Name = "",
            SizesBytes = [],
            IsWrite = isWrite,
            Bar = fields.Get(Bar),
            OffsetBytes = fields.Get(Offset),
        });

    private static (string, Shape<WorkloadDraft>) Dma(string kind, bool reads, bool writes, string documentation) =>
        Record(kind, documentation, TransferSizes, [Buffer, Alignment], fields =>
        {
            var largest = fields.Get(TransferSizes).Max();
            var buffer = (long)fields.Get(Buffer);
            if (fields.Has(Buffer) && buffer < largest)
                throw new InputException($"a buffer of {new Quantity(buffer, Dimension.Size)} does not hold {new Quantity(largest, Dimension.Size)}", "the largest of 'sizes' must fit", fields.At(Buffer));
            return new DmaWorkload
            {
                Name = "",
                SizesBytes = [],
                Reads = reads,
                Writes = writes,
                BufferBytes = Math.Max(buffer, largest),
                AlignmentOffsetBytes = fields.Get(Alignment),
            };
        });

    private static (string, Shape<WorkloadDraft>) PeerCopy(string kind, string documentation) =>
        Record(kind, documentation, TransferSizes, [Target, Bar, Offset], fields => new PeerCopyWorkload
        {
            Name = "",
            SizesBytes = [],
            Target = ToPattern(fields.Get(Target)),
            Bar = fields.Get(Bar),
            OffsetBytes = fields.Get(Offset),
        });

    private static (string, Shape<WorkloadDraft>) Record(
        string kind, string documentation, Key<IReadOnlyList<int>> sizes, Key[] own, Func<Fields, WorkloadDefinition> make)
    {
        var kindKey = Key.Required("kind", new ChoiceShape<string>(new Choice<string>(kind, kind)), documentation);
        Key[] keys = [Name, kindKey, Functions, sizes, Count, Total, WarmUp, Outstanding, .. own, Checks];
        return (kind, new RecordShape<WorkloadDraft>($"a {kind} workload", documentation, keys, fields =>
        {
            fields.Get(kindKey);
            var total = fields.Get(Total);
            if (total is not null && fields.Has(Count))
                throw new InputException("'count' and 'total' exclude each other", "leave one of them out", fields.At(Total));
            var definition = make(fields) with
            {
                Name = fields.Get(Name).Value,
                Functions = ToPattern(fields.Get(Functions)),
                SizesBytes = fields.Get(sizes),
                Count = fields.Get(Count),
                TotalBytes = (long)(total ?? 0),
                WarmUp = fields.Get(WarmUp),
                Outstanding = fields.Get(Outstanding),
                Source = fields.Location,
            };
            return new WorkloadDraft(definition, fields.Get(Name), fields.At(definition is DmaWorkload ? Buffer : Bar), fields.Get(Checks));
        }));
    }

    private static PathPattern ToPattern(Located<string> text) => new(text.Value, text.At);

    private static Key<IReadOnlyList<int>> Sizes(long most) => Key.Required("sizes",
        new ListShape<int>(Values.Size(1, (ulong)most).As(size => (int)size), Limits.MaxSweepSizes, least: 1), "Bytes of one operation; each size is measured by itself.");
}
