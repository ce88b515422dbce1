using PcieFabric.ConfigSpaces;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a BAR, and what a set of BARs must obey.</summary>
internal static class BarSchema
{
    private const int Registers = 6;

    /// <summary>Sizes that the Resizable BAR capability can express (PCIe 6.0 section 7.8.6): 1 MiB to 128 TiB.</summary>
    private const int SmallestResizableLog2 = 20, LargestResizableLog2 = 47;

    private const ulong LargestMemory = 1UL << 52;
    private const ulong LargestMemory32 = 1UL << 31;

    private static readonly Key<int> Index = Key.Required("index", Values.Whole(0, Registers - 1), "Which base address register; a 64-bit one takes the next as well.");
    private static readonly Key<ulong> Size = Key.Required("size", Values.PowerOfTwo(4, LargestMemory), "Size, a power of two; of a resizable BAR the one after reset.");

    private static readonly Key<BarKind> Type = Key.Optional("type",
        new ChoiceShape<BarKind>(
            new("memory64", BarKind.Memory64, "memory, anywhere; takes two registers"),
            new("memory32", BarKind.Memory32, "memory below 4 GiB"),
            new("io", BarKind.Io, "I/O space")),
        "memory64", "Address space and width.");

    private static readonly Key<bool> Prefetchable = Key.Optional("prefetchable", Values.Flag, "false",
        "Reads have no side effects. Only 64-bit prefetchable memory can lie above 4 GiB behind a bridge.");

    private static readonly Key<IReadOnlyList<ulong>> Sizes = Key.Absent<IReadOnlyList<ulong>>("sizes",
        new ListShape<ulong>(Values.PowerOfTwo(1UL << SmallestResizableLog2, 1UL << LargestResizableLog2), LargestResizableLog2 - SmallestResizableLog2 + 1), [],
        "Sizes that software can choose by the Resizable BAR capability; left out, the BAR has one size.");

    private static readonly Shape<BarDefinition> Bar = new RecordShape<BarDefinition>("a BAR", "A base address register.", [Index, Size, Type, Prefetchable, Sizes], Make);

    public static readonly Key<IReadOnlyList<Located<BarDefinition>>> Bars = Key.Absent<IReadOnlyList<Located<BarDefinition>>>("bars",
        new ListShape<Located<BarDefinition>>(new LocatedShape<BarDefinition>(Bar), Registers), [], "Base address registers.");

    /// <summary>In the order of their index, once it is clear that they do not overlap.</summary>
    public static IReadOnlyList<BarDefinition> Checked(IReadOnlyList<Located<BarDefinition>> bars)
    {
        var owner = new BarDefinition?[Registers];
        foreach (var (bar, at) in bars)
        {
            var last = bar.Kind == BarKind.Memory64 ? bar.Index + 1 : bar.Index;
            for (var register = bar.Index; register <= last; register++)
            {
                if (owner[register] is { } other)
                {
                    throw new InputException($"BAR{bar.Index} overlaps BAR{other.Index} in register {register}",
                        other.Kind == BarKind.Memory64 && other.Index != bar.Index ? $"BAR{other.Index} is 64-bit and takes registers {other.Index} and {other.Index + 1}" : "give it another index", at);
                }
                owner[register] = bar;
            }
        }
        return [.. bars.Select(bar => bar.Value).OrderBy(bar => bar.Index)];
    }

    private static BarDefinition Make(Fields fields)
    {
        var sizes = fields.Get(Sizes);
        var bar = new BarDefinition(fields.Get(Index), fields.Get(Size), fields.Get(Type), fields.Get(Prefetchable)) { ResizableSizes = sizes.Aggregate(0UL, (all, size) => all | size) };
        if (bar.Kind == BarKind.Memory64 && bar.Index == Registers - 1)
            throw new InputException("BAR5 cannot be 64-bit", "it would need a sixth register after it; use index 0 to 4, or type memory32", fields.At(Index));
        var (least, most, name) = bar.Kind switch
        {
            BarKind.Io => (4UL, 256UL, "an I/O BAR"),
            BarKind.Memory32 => (16UL, LargestMemory32, "a 32-bit memory BAR"),
            _ => (16UL, LargestMemory, "a memory BAR"),
        };
        if (bar.Size < least || bar.Size > most)
            throw new InputException($"{name} of {Show(bar.Size)} is impossible", $"{Show(least)} to {Show(most)}", fields.At(Size));
        if (bar.Kind == BarKind.Io && bar.Prefetchable)
            throw new InputException("an I/O BAR cannot be prefetchable", "leave 'prefetchable' out", fields.At(Prefetchable));
        if (sizes.Count > 0)
            CheckResizable(bar, sizes.Max(), fields.At(Sizes));
        return bar;
    }

    private static void CheckResizable(BarDefinition bar, ulong largest, SourceLocation at)
    {
        if (bar.Kind == BarKind.Io)
            throw new InputException("an I/O BAR cannot be resized", "leave 'sizes' out", at);
        if ((bar.ResizableSizes & bar.Size) == 0)
            throw new InputException($"the sizes of BAR{bar.Index} leave out its own, {Show(bar.Size)}", "it is the size after reset", at);
        if (bar.Kind == BarKind.Memory32 && largest > LargestMemory32)
            throw new InputException($"BAR{bar.Index} is 32-bit and cannot grow to {Show(largest)}", $"at most {Show(LargestMemory32)}", at);
    }

    private static Quantity Show(ulong bytes) => new(bytes, Dimension.Size);
}
