using System.Runtime.Intrinsics;
using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>Where in a block TLPs stand that have no payload in a pool: reads, completions without data, registers written. They are found by what they say.</summary>
internal sealed class RecentTlps
{
    /// <summary>TLPs that are remembered: more than are on their way at a time in a busy fabric, and few enough to stay in a cache.</summary>
    private const int Capacity = 512;

    private readonly Entry[] _entries = new Entry[Capacity];

    /// <param name="Block">In which it stands; another number is no TLP of this block.</param>
    /// <param name="At">Where its record starts.</param>
    private readonly record struct Entry(Vector256<ulong> Header, int Block, int At, int PayloadAt);

    /// <returns>Where its record starts; zero if it is not known.</returns>
    public int Find(in Tlp tlp, int block, ReadOnlySpan<byte> bytes)
    {
        var header = tlp.HeaderWords;
        ref readonly var entry = ref _entries[PlaceOf(header)];
        if (entry.Block != block || entry.Header != header) return 0;
        return tlp.Payload.SequenceEqual(bytes.Slice(entry.PayloadAt, tlp.PayloadBytes)) ? entry.At : 0;
    }

    /// <param name="end">Behind its record.</param>
    public void Remember(in Tlp tlp, int block, int at, int end)
    {
        var header = tlp.HeaderWords;
        _entries[PlaceOf(header)] = new Entry(header, block, at, end - tlp.PayloadBytes - (tlp.HasDigest ? Ecrc.SizeBytes : 0));
    }

    private static int PlaceOf(Vector256<ulong> header)
    {
        var mixed = (header.GetElement(0) ^ header.GetElement(1) * 0x9E3779B97F4A7C15 ^ header.GetElement(2)) * 0xD6E8FEB86659FD93;
        return (int)(mixed >> 32) & (Capacity - 1);
    }
}
