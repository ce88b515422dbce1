using System.Numerics;
using System.Runtime.InteropServices;

namespace PcieFabric.Journals;

/// <summary>CRC-32C (Castagnoli), as RFC 3720 section 12.1 has it: every error of up to 32 neighbouring bits is found.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var one in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
