using System.Numerics;
using System.Runtime.CompilerServices;

namespace PcieFabric.Journals;

/// <summary>
/// The first sixteen bits of a record: how many bytes each of its numbers takes, those with zeros in front left out. So a record is written and read without a branch
/// for each byte, which costs more than the byte.
/// </summary>
internal readonly record struct RecordWidths(ushort Bits)
{
    public const int SizeBytes = sizeof(ushort);

    /// <summary>All that may stand before a body, and what writing whole words reaches beyond.</summary>
    public const int MaxHeadBytes = SizeBytes + sizeof(ulong) + 4 * sizeof(uint) + sizeof(ulong);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RecordWidths(ulong elapsedPs, uint channel, uint kind, uint detail, uint size, bool repeats)
        : this((ushort)(Of(elapsedPs) | Of(channel) << 4 | Of(kind) << 7 | Of(detail) << 9 | Of(size) << 12 | (repeats ? 1 << 15 : 0)))
    {
    }

    public int ElapsedPs => Bits & 15;

    public int Channel => Bits >> 4 & 7;

    public int Kind => Bits >> 7 & 3;

    public int Detail => Bits >> 9 & 7;

    public int Size => Bits >> 12 & 7;

    /// <summary>The body is that of a record before, so many bytes back as the size says.</summary>
    public bool Repeats => Bits >> 15 != 0;

    /// <summary>Of the whole record but its body.</summary>
    public int HeadBytes => SizeBytes + ElapsedPs + Channel + Kind + Detail + Size;

    private static int Of(ulong value) => (71 - BitOperations.LeadingZeroCount(value)) >> 3;
}
