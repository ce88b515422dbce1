using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>Each function reads or writes its host's memory, or does both at once.</summary>
public sealed record DmaWorkload : WorkloadDefinition
{
    /// <summary>Slots of a buffer start on cache lines, as buffers of drivers do.</summary>
    internal const int CacheLineBytes = 64;

    internal const ulong SmallPageBytes = 1UL << 12, LargePageBytes = 1UL << 21, HugePageBytes = 1UL << 30;

    private static readonly Key<ulong> Buffer = Key.Optional("buffer", new SweepShape<ulong>(Values.Size(SmallPageBytes, 1UL << 40), Dimension.Size), "1 MiB", "Host memory that each function has for itself and walks through in turn.");
    private static readonly Key<ulong?> Stride = Key.Absent("stride", new SweepShape<ulong?>(Values.Size(64, 1UL << 30).As(size => (ulong?)size), Dimension.Size), null,
        "From one operation's place in the buffer to the next's: a page, and each operation touches another page. As close as cache lines allow if left out.");
    private static readonly Key<int> Alignment = Key.Optional("misalignment", new SweepShape<int>(new OffsetShape(SmallPageBytes - 1).As(value => (int)value), Dimension.Size), "0", "From a page boundary to the start of the buffer.");
    private static readonly Key<Translation> Iommu = Key.Optional("iommu", new SweepShape<Translation>(new ChoiceShape<Translation>(
        new("pass-through", Translation.PassThrough, "addresses are not translated, as without an IOMMU"),
        new("mapped", Translation.Mapped, "each function has a domain in which its buffers are mapped"),
        new("ats", Translation.AddressTranslationServices, "the function itself asks for translations, and keeps them"))), "pass-through", "How the host's IOMMU translates what functions address.");
    private static readonly Key<ulong> Page = Key.Optional("page", new SweepShape<ulong>(new ChoiceShape<ulong>(new("4 KiB", SmallPageBytes), new("2 MiB", LargePageBytes), new("1 GiB", HugePageBytes)), Dimension.Size), "4 KiB", "Pages that buffers are mapped with.");
    private static readonly Key<TransferEngine> Engine = Key.Optional("by", new SweepShape<TransferEngine>(new ChoiceShape<TransferEngine>(
        new("processor", TransferEngine.Processor, "copies through an outbound window"),
        new("dma", TransferEngine.Dma, "a DMA channel of the controller"))), "processor", "Who moves the data, for functions on endpoint controllers. The others are DMA engines themselves.");

    internal static readonly WorkloadKind[] Kinds =
    [
        Named("dma-read", reads: true, writes: false, "Functions read host memory."),
        Named("dma-write", reads: false, writes: true, "Functions write host memory; posted."),
        Named("dma-read-write", reads: true, writes: true, "Functions read and write host memory at the same time."),
    ];

    public required bool Reads { get; init; }
    public required bool Writes { get; init; }

    public override string Kind => (Reads, Writes) switch
    {
        (true, true) => "dma-read-write",
        (true, false) => "dma-read",
        _ => "dma-write",
    };

    /// <summary>Bytes of host memory that each function has for itself and walks through in turn, at least the largest size.</summary>
    public required long BufferBytes { get; init; }

    /// <summary>From one operation's place to the next's, in bytes, a multiple of a cache line; zero for as close as cache lines allow.</summary>
    public int StrideBytes { get; init; }

    /// <summary>From a page boundary to the start of each buffer, in bytes: 0 to 4095.</summary>
    public int AlignmentOffsetBytes { get; init; }

    public Translation Translation { get; init; }

    /// <summary>With which buffers are mapped: 4 KiB, 2 MiB or 1 GiB.</summary>
    public ulong PageBytes { get; init; } = SmallPageBytes;

    /// <summary>Of functions on endpoint controllers.</summary>
    public TransferEngine By { get; init; }

    internal override Step StepAt(int sizeBytes) => new DmaStep(this, sizeBytes);

    internal override void Check(WorkloadRules rules, Func<Key, SourceLocation> at)
    {
        var functions = rules.Select(Functions);
        if (Translation != Translation.PassThrough) rules.CheckIommu(functions, this, at(Iommu), at(Page));
        rules.CheckMemory(functions, this, at(Buffer));
        if (By == TransferEngine.Dma) rules.CheckEngine(functions, at(Engine));
    }

    private static WorkloadKind Named(string kind, bool reads, bool writes, string documentation) =>
        new(kind, documentation, Limits.MaxTransferBytes, [Buffer, Stride, Alignment, Iommu, Page, Engine], (fields, sizes) =>
        {
            var largest = sizes.Max();
            var buffer = (long)fields.Get(Buffer);
            if (fields.Has(Buffer) && buffer < largest)
                throw new InputException($"a buffer of {new Quantity(buffer, Dimension.Size)} does not hold {new Quantity(largest, Dimension.Size)}", "the largest of 'sizes' must fit", fields.At(Buffer));
            var stride = (long)(fields.Get(Stride) ?? 0);
            if (stride != 0 && (stride < largest || stride % CacheLineBytes != 0))
                throw new InputException($"operations of {new Quantity(largest, Dimension.Size)} cannot be {new Quantity(stride, Dimension.Size)} apart", $"a multiple of {CacheLineBytes} B, and not less than the largest of 'sizes'", fields.At(Stride));
            return new DmaWorkload
            {
                Name = kind,
                SizesBytes = sizes,
                Reads = reads,
                Writes = writes,
                BufferBytes = Math.Max(buffer, largest),
                StrideBytes = (int)stride,
                AlignmentOffsetBytes = fields.Get(Alignment),
                Translation = fields.Get(Iommu),
                PageBytes = fields.Get(Page),
                By = fields.Get(Engine),
            };
        });
}
