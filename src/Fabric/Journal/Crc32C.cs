using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace PcieFabric.Journals;

/// <summary>CRC-32C (Castagnoli), as RFC 3720 section 12.1 has it: every error of up to 32 neighbouring bits is found.</summary>
internal static class Crc32C
{
    private const int Quarters = 4;

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Continue(uint.MaxValue, bytes);

    /// <summary>
    /// The checksum of the checksums of four quarters, each of as many whole words, the last with what is left over. A word waits for the one before for three
    /// cycles of the processor; with four ways side by side none waits. Every error of up to 32 neighbouring bits inside one quarter is found.
    /// </summary>
    public static uint OfQuarters(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var quarter = words.Length / Quarters;
        var first = words[..quarter];
        var second = words.Slice(quarter, quarter);
        var third = words.Slice(2 * quarter, quarter);
        var fourth = words.Slice(3 * quarter, quarter);
        var (a, b, c, d) = (uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue);
        for (var i = 0; i < first.Length; i++)
        {
            a = BitOperations.Crc32C(a, first[i]);
            b = BitOperations.Crc32C(b, second[i]);
            c = BitOperations.Crc32C(c, third[i]);
            d = BitOperations.Crc32C(d, fourth[i]);
        }
        d = Continue(d, bytes[(Quarters * quarter * sizeof(ulong))..]);
        Span<byte> all = stackalloc byte[Quarters * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(all, ~a);
        BinaryPrimitives.WriteUInt32LittleEndian(all[4..], ~b);
        BinaryPrimitives.WriteUInt32LittleEndian(all[8..], ~c);
        BinaryPrimitives.WriteUInt32LittleEndian(all[12..], ~d);
        return Of(all);
    }

    private static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var one in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, one);
        return crc;
    }
}
