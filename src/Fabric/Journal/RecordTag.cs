using System.Numerics;
using System.Runtime.CompilerServices;

namespace PcieFabric.Journals;

/// <summary>
/// The first sixteen bits of a record: how many bytes each of its numbers takes, those with zeros in front left out, and how it has its body. So a record is written
/// and read without a branch for each byte, which costs more than the byte.
/// </summary>
internal readonly record struct RecordTag(ushort Bits)
{
    public const int SizeBytes = sizeof(ushort);

    /// <summary>All that may stand before a body, and what writing whole words reaches beyond.</summary>
    public const int MaxHeadBytes = SizeBytes + sizeof(ulong) + 4 * sizeof(uint) + sizeof(ulong);

    private const int ChannelShift = 3, LikeLastShift = 5, WideKindShift = 6, DetailShift = 7, NumberShift = 9, FormShift = 11;

    /// <param name="isLikeLast">Kind and detail are those of the record before on the channel, and left out.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RecordTag(ulong elapsedPs, uint channel, bool isLikeLast, ushort kind, uint detail, uint number, RecordForm form)
        : this((ushort)(Math.Min(BytesOf(elapsedPs), 7) | CodeOf(channel) << ChannelShift | CodeOf(number) << NumberShift | (int)form << FormShift
            | (isLikeLast ? 1 << LikeLastShift : (kind > byte.MaxValue ? 1 << WideKindShift : 0) | CodeOf(detail) << DetailShift)))
    {
    }

    public int ElapsedBytes => (Bits & 7) + ((Bits & 7) + 1 >> 3);

    public int ChannelBytes => WidthAt(ChannelShift);

    public bool IsLikeLast => (Bits >> LikeLastShift & 1) != 0;

    public int KindBytes => IsLikeLast ? 0 : 1 + (Bits >> WideKindShift & 1);

    public int DetailBytes => WidthAt(DetailShift);

    public int NumberBytes => WidthAt(NumberShift);

    public RecordForm Form => (RecordForm)(Bits >> FormShift);

    /// <summary>Of the whole record but its body.</summary>
    public int HeadBytes => SizeBytes + ElapsedBytes + ChannelBytes + KindBytes + DetailBytes + NumberBytes;

    private static int BytesOf(ulong value) => (71 - BitOperations.LeadingZeroCount(value)) >> 3;

    /// <summary>None, one, two or four bytes.</summary>
    private static int CodeOf(uint value) => Math.Min(BytesOf(value), 3);

    private int WidthAt(int shift)
    {
        var code = Bits >> shift & 3;
        return code + (code + 1 >> 2);
    }
}
