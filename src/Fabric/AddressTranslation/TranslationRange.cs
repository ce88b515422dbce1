using System.Numerics;
using PcieFabric.Addressing;

namespace PcieFabric.AddressTranslation;

/// <summary>
/// How ATS writes an address and the size of its range into one number (PCIe 6.0 section 10.2.3.2): the S bit, bit 11, says that the range is larger than 4 KiB, and then
/// the lowest zero among bits 12 and up gives the size: bit 12 for 8 KiB, bit 13 for 16 KiB, and so on.
/// </summary>
public static class TranslationRange
{
    /// <summary>All addresses that a range can say. The number is S and only ones.</summary>
    public static readonly AddressRange Everything = new(0, ulong.MaxValue);

    private const int PageShift = 12;
    private const ulong SizeBit = 1 << 11;
    private const ulong PageMask = ~0xFFFul;

    /// <param name="range">A power of two of at least 4 KiB, aligned to itself, or <see cref="Everything"/>.</param>
    public static ulong Encode(AddressRange range)
    {
        if (range == Everything) return PageMask | SizeBit;
        if (!BitOperations.IsPow2(range.Size) || range.Size < 1 << PageShift || (range.Base & (range.Size - 1)) != 0)
            throw new ArgumentException($"{range} is no naturally aligned range", nameof(range));
        return range.Size == 1 << PageShift ? range.Base : range.Base | SizeBit | ((range.Size >> 1) - 1 & PageMask);
    }

    public static AddressRange Decode(ulong code)
    {
        if ((code & SizeBit) == 0) return new AddressRange(code & PageMask, 1 << PageShift);
        var ones = BitOperations.TrailingZeroCount(~(code >> PageShift));
        if (PageShift + ones + 1 >= 64) return Everything;
        var size = 1ul << (PageShift + ones + 1);
        return new AddressRange(code & ~(size - 1), size);
    }

    /// <summary>The smallest naturally aligned range of at least 4 KiB that holds all of another.</summary>
    public static AddressRange Enclosing(AddressRange range)
    {
        var differing = range.Base ^ range.Last;
        var shift = Math.Max(PageShift, 64 - BitOperations.LeadingZeroCount(differing));
        return shift >= 64 ? Everything : new AddressRange(range.Base >> shift << shift, 1ul << shift);
    }
}
