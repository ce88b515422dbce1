using System.Numerics;

namespace PcieFabric.Tlps;

/// <summary>The sizes that Max_Payload_Size and Max_Read_Request_Size can have (PCIe 6.0 section 7.5.3.4).</summary>
internal static class PacketSize
{
    private const int SmallestBytes = 128;

    internal static void ThrowIfNone(int bytes)
    {
        if (bytes is < SmallestBytes or > Limits.MaxPayloadBytes || !BitOperations.IsPow2(bytes))
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "MPS and MRRS are powers of two from 128 to 4096 bytes");
    }
}
