using System.Numerics;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces;

/// <summary>Address space and width of a BAR (PCIe 6.0 section 7.5.1.2.1).</summary>
public enum BarKind
{
    Memory32,
    /// <summary>Takes two registers, its index and the next.</summary>
    Memory64,
    Io,
}

/// <summary>What stands behind one Base Address Register.</summary>
/// <param name="Index">Of the first register: 0 to 5, in a bridge 0 to 1.</param>
/// <param name="Size">In bytes, a power of two.</param>
public sealed record BarDefinition(int Index, ulong Size, BarKind Kind, bool Prefetchable = false)
{
    private const ulong LargestMemory32 = 1ul << 31;
    private const ulong LargestIo = 256;
    private const int SmallestResizableLog2 = 20;
    private const int LargestResizableLog2 = 47;

    /// <summary>
    /// The sizes that software may choose by the Resizable BAR capability: bit <c>n</c> for 2^n bytes, n from 20 (1 MiB) to
    /// 47 (128 TiB). Zero for a BAR of one size.
    /// </summary>
    public ulong ResizableSizes { get; init; }

    /// <summary>The smallest size that software may choose: what decides which bits of the register exist.</summary>
    internal ulong SmallestSize => ResizableSizes == 0 ? Size : ResizableSizes & (~ResizableSizes + 1);

    public static BarDefinition Memory32(int index, ulong size, bool prefetchable = false) => new(index, size, BarKind.Memory32, prefetchable);

    public static BarDefinition Memory64(int index, ulong size, bool prefetchable = false) => new(index, size, BarKind.Memory64, prefetchable);

    public static BarDefinition Io(int index, ulong size) => new(index, size, BarKind.Io);

    /// <summary>A BAR that software may resize to any of the sizes (PCIe 6.0 section 7.8.6).</summary>
    /// <param name="size">The size after reset; one of the others.</param>
    public static BarDefinition Resizable(int index, ulong size, params ReadOnlySpan<ulong> sizes)
    {
        var all = size;
        foreach (var other in sizes) all |= BitOperations.IsPow2(other) ? other : throw Wrong(index, $"a size of {other} bytes is no power of two", "sizes double: 1 MiB, 2 MiB, 4 MiB");
        return new(index, size, BarKind.Memory64, true) { ResizableSizes = all };
    }

    internal int Registers => Kind == BarKind.Memory64 ? 2 : 1;

    /// <summary>Checks the BARs of one function, and puts them in order.</summary>
    /// <param name="registers">How many there are: six, in a bridge two.</param>
    /// <exception cref="InputException">No such BARs can exist.</exception>
    internal static IReadOnlyList<BarDefinition> Arrange(IEnumerable<BarDefinition> bars, int registers)
    {
        var arranged = bars.OrderBy(b => b.Index).ToArray();
        var free = 0;
        foreach (var bar in arranged)
        {
            bar.Validate(registers);
            if (bar.Index < free) throw Wrong(bar.Index, "the register is taken", "a 64-bit BAR takes the next register too");
            free = bar.Index + bar.Registers;
        }
        return arranged;
    }

    /// <summary>Checks PCIe 6.0 section 7.5.1.2.1.</summary>
    private void Validate(int registers)
    {
        if (Index < 0 || Index >= registers) throw Wrong(Index, "there is no such register", $"this header has BAR 0 to {registers - 1}");
        if (Index + Registers > registers) throw Wrong(Index, "a 64-bit BAR takes two registers, and this is the last", $"use BAR {Index - 1} or a 32-bit BAR");
        if (!BitOperations.IsPow2(Size)) throw Wrong(Index, $"{Size} bytes is no power of two", $"the next is {(Size > 1ul << 62 ? 1ul << 63 : BitOperations.RoundUpToPowerOf2(Math.Max(Size, 16)))} bytes");
        var (least, most) = Kind switch
        {
            BarKind.Io => (4ul, LargestIo),
            BarKind.Memory32 => (16ul, LargestMemory32),
            _ => (16ul, 1ul << 63),
        };
        if (Size < least || Size > most) throw Wrong(Index, $"{Size} bytes is out of range", $"{Kind} takes {least} to {most} bytes");
        if (Kind == BarKind.Io && Prefetchable) throw Wrong(Index, "I/O space is never prefetchable", "leave prefetchable out");
        const ulong Allowed = (1ul << (LargestResizableLog2 + 1)) - (1ul << SmallestResizableLog2);
        if ((ResizableSizes & ~Allowed) != 0 || (ResizableSizes != 0 && (ResizableSizes & Size) == 0)) throw Wrong(Index, "resizable sizes are out of range", "1 MiB to 128 TiB, and the size after reset is one of them");
        if (ResizableSizes != 0 && Kind == BarKind.Io) throw Wrong(Index, "an I/O BAR cannot be resized", "use a memory BAR");
        if (Kind == BarKind.Memory32 && ResizableSizes > LargestMemory32 * 2 - 1) throw Wrong(Index, "a 32-bit BAR cannot grow past 2 GiB", "use a 64-bit BAR");
    }

    private static InputException Wrong(int index, string message, string hint) => new($"BAR {index}: {message}", hint);
}
