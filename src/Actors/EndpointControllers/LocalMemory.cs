using System.Buffers;
using System.Buffers.Binary;

namespace PcieFabric.EndpointControllers;

/// <summary>
/// A function's part of the memory of its endpoint, which its software reads and writes as its own. Local addresses are those that the
/// controller knows.
/// </summary>
public sealed class LocalMemory
{
    private readonly MemoryRegion _region;
    private readonly List<AddressRange> _taken = [];

    /// <param name="region">The memory of the whole endpoint.</param>
    public LocalMemory(MemoryRegion region, ulong baseAddress, ulong sizeBytes)
    {
        _region = region;
        Range = new AddressRange(baseAddress, sizeBytes);
    }

    public AddressRange Range { get; }

    /// <summary>What is allocated at the moment, in bytes.</summary>
    public ulong AllocatedBytes => _taken.Aggregate(0ul, (sum, range) => sum + range.Size);

    /// <summary>The first free piece.</summary>
    /// <param name="alignment">A power of two.</param>
    /// <returns>False where no piece is large enough.</returns>
    public bool TryAllocate(ulong sizeBytes, ulong alignment, out ulong address)
    {
        var next = Range.Base;
        for (var i = 0; i <= _taken.Count; i++)
        {
            address = (next + alignment - 1) & ~(alignment - 1);
            var end = i < _taken.Count ? _taken[i].Base : Range.Base + Range.Size;
            if (sizeBytes != 0 && address <= end && sizeBytes <= end - address)
            {
                _taken.Insert(i, new AddressRange(address, sizeBytes));
                return true;
            }
            if (i < _taken.Count) next = _taken[i].Base + _taken[i].Size;
        }
        address = 0;
        return false;
    }

    /// <exception cref="InvalidOperationException">Nothing was allocated there.</exception>
    public void Free(ulong address)
    {
        if (_taken.RemoveAll(range => range.Base == address) == 0) throw new InvalidOperationException($"Invariant: local address 0x{address:x} is not allocated");
    }

    public Span<byte> Span(ulong address, int sizeBytes) => Range.Contains(address, (ulong)sizeBytes)
        ? _region.Span((long)address, sizeBytes)
        : throw new ArgumentOutOfRangeException(nameof(address), $"Invariant: 0x{address:x} is not the function's memory");

    /// <summary>The same bytes, as code that awaits can hold them.</summary>
    public Memory<byte> Bytes(ulong address, int sizeBytes) => new Piece(this, address, sizeBytes).Memory;

    public uint ReadUInt32(ulong address) => BinaryPrimitives.ReadUInt32LittleEndian(Span(address, 4));

    public void WriteUInt32(ulong address, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Span(address, 4), value);

    /// <summary>The memory is not managed and never moves, so there is nothing to pin.</summary>
    private sealed class Piece(LocalMemory memory, ulong address, int sizeBytes) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => memory.Span(address, sizeBytes);

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("Local memory is copied, not pinned");

        public override void Unpin() => throw new NotSupportedException("Local memory is copied, not pinned");

        protected override void Dispose(bool disposing)
        {
        }
    }
}
