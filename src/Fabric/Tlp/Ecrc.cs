namespace PcieFabric.Tlps;

/// <summary>
/// The end-to-end CRC of the TLP digest (PCIe 6.0 section 2.7.1): polynomial 04C1 1DB7h, seed and complement FFFF FFFFh, bit 0 of
/// each byte first, the variant bits taken as set. Stored least significant byte first, which is the specification's bit mapping (table 2-55).
/// </summary>
internal static class Ecrc
{
    internal const int SizeBytes = 4;

    private const uint ReversedPolynomial = 0xEDB8_8320;
    private const int TypeVariantBit = 0x01, PoisonedVariantBit = 0x40;

    private static readonly uint[] Table = BuildTable();

    /// <param name="tlp">End-to-end prefixes, header and payload, without the digest.</param>
    /// <param name="headerOffset">Where the header starts: bit 0 of a prefix's type is not variant.</param>
    internal static uint Compute(ReadOnlySpan<byte> tlp, int headerOffset)
    {
        var crc = Add(uint.MaxValue, tlp[..headerOffset]);
        crc = Step(crc, (byte)(tlp[headerOffset] | TypeVariantBit));
        crc = Step(crc, tlp[headerOffset + 1]);
        crc = Step(crc, (byte)(tlp[headerOffset + 2] | PoisonedVariantBit));
        return ~Add(crc, tlp[(headerOffset + 3)..]);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) crc = Step(crc, value);
        return crc;
    }

    private static uint Step(uint crc, byte value) => Table[(byte)(crc ^ value)] ^ (crc >> 8);

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * ReversedPolynomial);
            table[i] = crc;
        }
        return table;
    }
}
