using System.Buffers.Binary;

namespace PcieFabric.InterruptControllers;

/// <summary>One message of an <see cref="InterruptMessageStore"/>, 16 bytes laid out as an entry of an MSI-X table (PCIe 6.0 section 7.7.2), wherever it is stored.</summary>
/// <param name="Control">Bit 0 masks, as in MSI-X; bit 1 says that the entry is in use.</param>
public readonly record struct StoredMessage(ulong Address, uint Data, uint Control)
{
    public const int Bytes = 16;
    public const int DataOffset = 8, ControlOffset = 12;
    public const uint Masked = 1, InUse = 2;

    public bool IsMasked => (Control & Masked) != 0;

    public bool IsInUse => (Control & InUse) != 0;

    public static StoredMessage Read(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt32LittleEndian(from[DataOffset..]), BinaryPrimitives.ReadUInt32LittleEndian(from[ControlOffset..]));

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, Address);
        BinaryPrimitives.WriteUInt32LittleEndian(to[DataOffset..], Data);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ControlOffset..], Control);
    }
}
