namespace PcieFabric.ConfigSpaces;

/// <summary>What a configuration write carries: a DW and which of its bytes count (PCIe 6.0 section 2.2.5).</summary>
public readonly record struct MaskedDword
{
    /// <param name="value">Byte 0, the lowest address, in bits 7:0.</param>
    /// <param name="byteEnables">First DW BE of the request: bit 0 for byte 0.</param>
    public MaskedDword(uint value, int byteEnables = 15)
    {
        Value = value;
        Mask = (uint)((byteEnables & 1) * 0xFF | (byteEnables >> 1 & 1) * 0xFF00 | (byteEnables >> 2 & 1) * 0xFF0000) | (uint)(byteEnables >> 3 & 1) * 0xFF000000;
    }

    public uint Value { get; }

    /// <summary>All ones in each enabled byte, zeros in the others.</summary>
    public uint Mask { get; }

    /// <summary>One byte at its place in the DW; <paramref name="lane"/> is 0 to 3.</summary>
    public static MaskedDword Byte(int lane, byte value) => new((uint)value << (8 * lane), 1 << lane);

    /// <summary>Two bytes at their place in the DW; <paramref name="lane"/> is 0 or 2.</summary>
    public static MaskedDword Word(int lane, ushort value) => new((uint)value << (8 * lane), 3 << lane);

    public static implicit operator MaskedDword(uint value) => new(value);
}
