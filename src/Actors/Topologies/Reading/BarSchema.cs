using PcieFabric.Documents.Shapes;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of a BAR, and what a set of BARs must obey.</summary>
internal static class BarSchema
{
    private const int Registers = 6;

    private static readonly Key<int> Index = Key.Required("index", Values.Whole(0, Registers - 1), "Which base address register; a 64-bit one takes the next as well.");
    private static readonly Key<ulong> Size = Key.Required("size", Values.PowerOfTwo(4, 1UL << 52), "Size, a power of two.");

    private static readonly Key<BarType> Type = Key.Optional("type",
        new ChoiceShape<BarType>(
            new("memory64", BarType.Memory64, "memory, anywhere; takes two registers"),
            new("memory32", BarType.Memory32, "memory below 4 GiB"),
            new("io", BarType.Io, "I/O space")),
        "memory64", "Address space and width.");

    private static readonly Key<bool> Prefetchable = Key.Optional("prefetchable", Values.Flag, "false",
        "Reads have no side effects. Only 64-bit prefetchable memory can lie above 4 GiB behind a bridge.");

    private static readonly Shape<BarDefinition> Bar = new RecordShape<BarDefinition>("a BAR", "A base address register.", [Index, Size, Type, Prefetchable], Make);

    public static readonly Key<IReadOnlyList<BarDefinition>> Bars = Key.Absent<IReadOnlyList<BarDefinition>>("bars", new ListShape<BarDefinition>(Bar, Registers), [], "Base address registers.");

    /// <summary>In the order of their index, once it is clear that they do not overlap.</summary>
    public static IReadOnlyList<BarDefinition> Checked(IReadOnlyList<BarDefinition> bars)
    {
        var owner = new BarDefinition?[Registers];
        foreach (var bar in bars)
        {
            var last = bar.Type == BarType.Memory64 ? bar.Index + 1 : bar.Index;
            for (var register = bar.Index; register <= last; register++)
            {
                if (owner[register] is { } other)
                {
                    throw new InputException($"BAR{bar.Index} overlaps BAR{other.Index} in register {register}",
                        other.Type == BarType.Memory64 && other.Index != bar.Index ? $"BAR{other.Index} is 64-bit and takes registers {other.Index} and {other.Index + 1}" : "give it another index", bar.Source);
                }
                owner[register] = bar;
            }
        }
        return [.. bars.OrderBy(bar => bar.Index)];
    }

    private static BarDefinition Make(Fields fields)
    {
        var bar = new BarDefinition
        {
            Index = fields.Get(Index),
            SizeBytes = fields.Get(Size),
            Type = fields.Get(Type),
            Prefetchable = fields.Get(Prefetchable),
            Source = fields.Location,
        };
        if (bar.Type == BarType.Memory64 && bar.Index == Registers - 1)
            throw new InputException("BAR5 cannot be 64-bit", "it would need a sixth register after it; use index 0 to 4, or type memory32", fields.At(Index));
        var (least, most, name) = bar.Type switch
        {
            BarType.Io => (4UL, 256UL, "an I/O BAR"),
            BarType.Memory32 => (16UL, 1UL << 31, "a 32-bit memory BAR"),
            _ => (16UL, 1UL << 52, "a memory BAR"),
        };
        if (bar.SizeBytes < least || bar.SizeBytes > most)
            throw new InputException($"{name} of {new Units.Quantity(bar.SizeBytes, Units.Dimension.Size)} is impossible", $"{new Units.Quantity(least, Units.Dimension.Size)} to {new Units.Quantity(most, Units.Dimension.Size)}", fields.At(Size));
        if (bar.Type == BarType.Io && bar.Prefetchable)
            throw new InputException("an I/O BAR cannot be prefetchable", "leave 'prefetchable' out", fields.At(Prefetchable));
        return bar;
    }
}
