using System.Buffers;

namespace PcieFabric.DmaEngines;

/// <summary>The local memory that the requests of a channel fill or empty. One object serves all transfers, one after the other.</summary>
internal sealed class LocalPiece(MemoryRegion region) : MemoryManager<byte>
{
    private long _offset;
    private int _sizeBytes;

    public Memory<byte> At(ulong offset, int sizeBytes)
    {
        (_offset, _sizeBytes) = ((long)offset, sizeBytes);
        return Memory;
    }

    public override Span<byte> GetSpan() => region.Span(_offset, _sizeBytes);

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Local memory is copied, not pinned");

    public override void Unpin() => throw new NotSupportedException("Local memory is copied, not pinned");

    protected override void Dispose(bool disposing)
    {
    }
}
