using System.Buffers.Binary;

namespace PcieFabric.Memory;

/// <summary>A piece of a <see cref="SharedMemory"/>: the memory of a host, or behind a BAR. Offsets count from its start, in bytes.</summary>
public sealed unsafe class MemoryRegion
{
    private readonly SharedMemory _memory;

    internal MemoryRegion(SharedMemory memory, long fileOffset, long sizeBytes)
    {
        _memory = memory;
        FileOffset = fileOffset;
        SizeBytes = sizeBytes;
    }

    /// <summary>Where it lies in the shared file.</summary>
    public long FileOffset { get; }

    public long SizeBytes { get; }

    /// <summary>The bytes themselves, for copies in bulk.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the region.</exception>
    public Span<byte> Span(long offset, int sizeBytes)
    {
        if ((ulong)offset > (ulong)SizeBytes || (uint)sizeBytes > SizeBytes - offset) ThrowOutside(offset, sizeBytes);
        return new Span<byte>(_memory.Base + FileOffset + offset, sizeBytes);
    }

    public void Read(long offset, Span<byte> into) => Span(offset, into.Length).CopyTo(into);

    public void Write(long offset, ReadOnlySpan<byte> data) => data.CopyTo(Span(offset, data.Length));

    public uint ReadUInt32(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(Span(offset, 4));

    public void WriteUInt32(long offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Span(offset, 4), value);

    /// <summary>A memory write or read of whole DWs in which the byte enables of the first and last DW say what counts (PCIe 6.0 section 2.2.5).</summary>
    public void Write(long offset, in Tlps.Tlp write)
    {
        var payload = write.Payload;
        if (write.LengthDw == 1)
        {
            WriteEnabled(offset, payload, write.FirstBe);
            return;
        }
        var (from, to) = (0, payload.Length);
        if (write.FirstBe != 15)
        {
            WriteEnabled(offset, payload[..4], write.FirstBe);
            from = 4;
        }
        if (write.LastBe != 15)
        {
            to -= 4;
            WriteEnabled(offset + to, payload[to..], write.LastBe);
        }
        Write(offset + from, payload[from..to]);
    }

    private void WriteEnabled(long offset, ReadOnlySpan<byte> dword, int byteEnables)
    {
        var target = Span(offset, 4);
        for (var i = 0; i < 4; i++)
            if ((byteEnables >> i & 1) != 0)
                target[i] = dword[i];
    }

    private void ThrowOutside(long offset, int sizeBytes) =>
        throw new ArgumentOutOfRangeException(nameof(offset), $"Invariant: {sizeBytes} bytes at 0x{offset:x} are outside a region of 0x{SizeBytes:x} bytes");
}
