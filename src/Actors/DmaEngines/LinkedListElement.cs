using System.Buffers.Binary;

namespace PcieFabric.DmaEngines;

/// <summary>
/// An element of a linked list of DesignWare's eDMA, 24 bytes, little-endian (drivers/dma/dw-edma/dw-edma-v0-regs.h: <c>dw_edma_v0_lli</c>, <c>dw_edma_v0_llp</c>):
/// <code>
/// 0x00 control  0x04 transfer size  0x08 source (64)  0x10 target (64)    data
/// 0x00 control  0x04 reserved       0x08 next element (64)                link: LLP set in control
/// </code>
/// </summary>
public readonly record struct LinkedListElement(EmbeddedDmaControl Control, uint SizeBytes, ulong Source, ulong Target)
{
    public const int Bytes = 24;

    /// <summary>The list goes on at <see cref="Source"/>.</summary>
    public bool IsLink => (Control & EmbeddedDmaControl.LoadLinkPointer) != 0;

    /// <param name="cycle">What the cycle bit is in the pass of the list that this element is for.</param>
    /// <param name="interrupts">Which interrupts its end raises.</param>
    public static LinkedListElement Data(uint sizeBytes, ulong source, ulong target, bool cycle, EmbeddedDmaControl interrupts = EmbeddedDmaControl.None) =>
        new(interrupts | (cycle ? EmbeddedDmaControl.CycleBit : 0), sizeBytes, source, target);

    /// <summary>The list goes on elsewhere.</summary>
    /// <param name="toggles">The cycle state turns over, as where a list comes back to its start.</param>
    public static LinkedListElement Link(ulong next, bool cycle, bool toggles) =>
        new(EmbeddedDmaControl.LoadLinkPointer | (cycle ? EmbeddedDmaControl.CycleBit : 0) | (toggles ? EmbeddedDmaControl.ToggleCycleBit : 0), 0, next, 0);

    public static LinkedListElement Read(ReadOnlySpan<byte> bytes) => new(
        (EmbeddedDmaControl)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)Control);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], SizeBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Source);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Target);
    }
}
