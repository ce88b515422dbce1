namespace PcieFabric.RootComplexes;

/// <summary>A host's memory as the bus sees it: from address zero to the hole below 4 GiB, and the rest from 4 GiB on.</summary>
public sealed class HostMemory
{
    public const ulong HoleBase = 0x8000_0000;
    public const ulong HighBase = 0x1_0000_0000;

    private readonly MemoryRegion _low;
    private readonly MemoryRegion? _high;
    private ulong _next;

    public HostMemory(SharedMemory backing, ulong sizeBytes)
    {
        var low = Math.Min(sizeBytes, HoleBase);
        _low = backing.Allocate((long)low);
        if (sizeBytes > low) _high = backing.Allocate((long)(sizeBytes - low));
        // A driver that programs address zero has a bug; leave the first page to catch it.
        _next = (ulong)SharedMemory.Footprint(1);
    }

    /// <summary>What a memory of that size takes of its backing, in bytes.</summary>
    public static long Footprint(ulong sizeBytes) =>
        SharedMemory.Footprint((long)Math.Min(sizeBytes, HoleBase)) + (sizeBytes > HoleBase ? SharedMemory.Footprint((long)(sizeBytes - HoleBase)) : 0);

    public ulong SizeBytes => (ulong)_low.SizeBytes + (ulong)(_high?.SizeBytes ?? 0);

    /// <param name="offset">Where in <paramref name="region"/> the address lies.</param>
    /// <returns>False if any of the bytes is not memory.</returns>
    public bool TryFind(ulong address, ulong sizeBytes, out MemoryRegion region, out long offset)
    {
        region = _low;
        offset = (long)address;
        if (address < (ulong)_low.SizeBytes && sizeBytes <= (ulong)_low.SizeBytes - address) return true;
        if (_high is null || address < HighBase) return false;
        region = _high;
        offset = (long)(address - HighBase);
        return (ulong)offset < (ulong)_high.SizeBytes && sizeBytes <= (ulong)_high.SizeBytes - (ulong)offset;
    }

    /// <summary>Some of the range is memory.</summary>
    public bool Overlaps(AddressRange range) =>
        range.Overlaps(new AddressRange(0, (ulong)_low.SizeBytes)) || (_high is not null && range.Overlaps(new AddressRange(HighBase, (ulong)_high.SizeBytes)));

    /// <summary>A buffer that nobody has yet, for software; never given back.</summary>
    /// <param name="alignment">A power of two.</param>
    /// <exception cref="InvalidOperationException">The host has no such piece left.</exception>
    public ulong Allocate(ulong sizeBytes, ulong alignment = 64)
    {
        var at = (_next + alignment - 1) & ~(alignment - 1);
        if (!TryFind(at, sizeBytes, out _, out _)) at = Math.Max(at, HighBase);
        if (!TryFind(at, sizeBytes, out _, out _)) throw new InvalidOperationException($"the host has no {sizeBytes} bytes of memory left; give it more in the topology");
        _next = at + sizeBytes;
        return at;
    }

    public Span<byte> Span(ulong address, int sizeBytes) =>
        TryFind(address, (ulong)sizeBytes, out var region, out var offset)
            ? region.Span(offset, sizeBytes)
            : throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:x} is not host memory");
}
