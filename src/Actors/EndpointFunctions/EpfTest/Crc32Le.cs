namespace PcieFabric.EndpointFunctions.EpfTests;

/// <summary>Linux's <c>crc32_le</c>: the reflected CRC-32 of Ethernet without its final complement.</summary>
public static class Crc32Le
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    /// <param name="crc">To go on from; all ones to begin.</param>
    public static uint Of(ReadOnlySpan<byte> data, uint crc = uint.MaxValue)
    {
        foreach (var value in data) crc = Table[(byte)(crc ^ value)] ^ crc >> 8;
        return crc;
    }

    private static uint Entry(int index)
    {
        var crc = (uint)index;
        for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ Polynomial : crc >> 1;
        return crc;
    }
}
