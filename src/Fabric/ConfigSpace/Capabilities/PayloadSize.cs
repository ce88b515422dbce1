using System.Numerics;
using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>The encoding that Max_Payload_Size and Max_Read_Request_Size share: 0 for 128 bytes to 5 for 4096 (PCIe 6.0 section 7.5.3.4).</summary>
public static class PayloadSize
{
    /// <exception cref="InputException">No such size.</exception>
    public static uint Encode(int bytes) => bytes is >= 128 and <= Limits.MaxPayloadBytes && BitOperations.IsPow2(bytes)
        ? (uint)BitOperations.Log2((uint)bytes) - 7
        : throw new InputException($"{bytes} bytes is no payload size", "128, 256, 512, 1024, 2048 or 4096");

    /// <returns>Bytes; the reserved encodings 6 and 7 count as the smallest.</returns>
    public static int Decode(uint encoded) => encoded > 5 ? 128 : 128 << (int)encoded;
}
