using System.Buffers.Binary;

namespace PcieFabric.Memory;

/// <summary>A piece of a <see cref="SharedMemory"/>: the memory of a host, or behind a BAR; or one that is mapped by other means. Offsets count from its start, in bytes.</summary>
public sealed unsafe class MemoryRegion
{
    private readonly SharedMemory? _memory;
    private readonly byte* _mapped;

    internal MemoryRegion(SharedMemory memory, long fileOffset, long sizeBytes)
    {
        _memory = memory;
        FileOffset = fileOffset;
        SizeBytes = sizeBytes;
    }

    /// <param name="mapped">Stays there for as long as the region is used, which is for the caller to see to.</param>
    public MemoryRegion(byte* mapped, long sizeBytes)
    {
        _mapped = mapped;
        SizeBytes = sizeBytes;
    }

    /// <summary>Where it lies in the shared file; zero in memory mapped by other means.</summary>
    public long FileOffset { get; }

    public long SizeBytes { get; }

    /// <summary>A part of it, with offsets of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the region.</exception>
    public MemoryRegion Slice(long offset, long sizeBytes)
    {
        if ((ulong)offset > (ulong)SizeBytes || (ulong)sizeBytes > (ulong)(SizeBytes - offset)) ThrowOutside(offset, sizeBytes);
        return _memory is null ? new MemoryRegion(_mapped + offset, sizeBytes) : new MemoryRegion(_memory, FileOffset + offset, sizeBytes);
    }

    /// <summary>The bytes themselves, for copies in bulk.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the region.</exception>
    public Span<byte> Span(long offset, int sizeBytes)
    {
        if ((ulong)offset > (ulong)SizeBytes || (uint)sizeBytes > SizeBytes - offset) ThrowOutside(offset, sizeBytes);
        return new Span<byte>((_memory is null ? _mapped : _memory.Base + FileOffset) + offset, sizeBytes);
    }

    public void Read(long offset, Span<byte> into) => Span(offset, into.Length).CopyTo(into);

    public void Write(long offset, ReadOnlySpan<byte> data) => data.CopyTo(Span(offset, data.Length));

    public uint ReadUInt32(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(Span(offset, 4));

    public void WriteUInt32(long offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Span(offset, 4), value);

    /// <summary>Whole DWs of which only some bytes count: bit 0 of an enable for the first byte of its DW (PCIe 6.0 section 2.2.5).</summary>
    /// <param name="firstEnables">Four bits, for the first DW.</param>
    /// <param name="lastEnables">Four bits, for the last DW; ignored if it is the first.</param>
    public void Write(long offset, ReadOnlySpan<byte> dwords, int firstEnables, int lastEnables)
    {
        if (dwords.Length == 4) lastEnables = 15;
        var from = firstEnables == 15 ? 0 : 4;
        var to = lastEnables == 15 ? dwords.Length : dwords.Length - 4;
        if (from > 0) WriteEnabled(offset, dwords[..4], firstEnables);
        if (to < dwords.Length) WriteEnabled(offset + to, dwords[to..], lastEnables);
        if (to > from) Write(offset + from, dwords[from..to]);
    }

    private void WriteEnabled(long offset, ReadOnlySpan<byte> dword, int enables)
    {
        var target = Span(offset, 4);
        for (var i = 0; i < 4; i++)
            if ((enables >> i & 1) != 0)
                target[i] = dword[i];
    }

    private void ThrowOutside(long offset, long sizeBytes) =>
        throw new ArgumentOutOfRangeException(nameof(offset), $"Invariant: {sizeBytes} bytes at 0x{offset:x} are outside a region of 0x{SizeBytes:x} bytes");
}
