using PcieFabric.Addressing;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Devices;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>The DMA maps of one client, sorted by address and looked up by halving, the last one found first.</summary>
internal sealed class GuestMemory : IGuestMemory
{
    private const DmaMapFlags Known = DmaMapFlags.Readable | DmaMapFlags.Writable | DmaMapFlags.ByMapping | DmaMapFlags.ByFileAccess;

    private readonly Lock _gate = new();
    private readonly List<DmaMap> _maps = [];
    private readonly int _most;
    private int _lastFound;

    /// <param name="most">Maps that were agreed on.</param>
    public GuestMemory(int most) => _most = most;

    public int Count
    {
        get
        {
            lock (_gate) return _maps.Count;
        }
    }

    public IReadOnlySet<(ulong Device, ulong Inode)> Files
    {
        get
        {
            lock (_gate) return _maps.Select(map => map.File).OfType<(ulong, ulong)>().ToHashSet();
        }
    }

    /// <param name="file">Ours to keep or to dispose of.</param>
    public Errno Map(in DmaMapPayload asked, Descriptor? file)
    {
        var error = Check(in asked, file is not null);
        if (error == Errno.None)
        {
            lock (_gate)
            {
                var at = IndexAbove(asked.Address);
                if (Overlaps(at - 1, in asked) || Overlaps(at, in asked)) error = Errno.EEXIST;
                else if (_maps.Count >= _most) error = Errno.ENOSPC;
                else if ((error = DmaMap.Create(in asked, file, out var map)) == Errno.None)
                {
                    _maps.Insert(at, map!);
                    return Errno.None;
                }
            }
        }
        file?.Dispose();
        return error;
    }

    /// <summary>
    /// All maps in a range go, be it none; a range that cuts one is refused. The protocol has a map go as it came, but QEMU relies on what the kernel does (<c>vfio_dma_do_unmap</c>): where a guest's
    /// IOMMU changes an address space, it unmaps all of it, in powers of two.
    /// </summary>
    public Errno Unmap(in DmaUnmapPayload asked)
    {
        if ((asked.Flags & ~DmaUnmapPayload.All) != 0) return Errno.EINVAL;
        if (asked.Flags == DmaUnmapPayload.All)
        {
            if (asked.Address != 0 || asked.SizeBytes != 0) return Errno.EINVAL;
            Clear();
            return Errno.None;
        }
        var last = asked.Address + (asked.SizeBytes - 1);
        if (asked.SizeBytes == 0 || last < asked.Address) return Errno.EINVAL;
        lock (_gate)
        {
            var end = IndexAbove(last);
            var first = asked.Address == 0 ? 0 : IndexAbove(asked.Address - 1);
            if (first > 0 && _maps[first - 1].Last >= asked.Address) return Errno.EINVAL;
            if (end > first && _maps[end - 1].Last > last) return Errno.EINVAL;
            for (var i = first; i < end; i++) _maps[i].Dispose();
            _maps.RemoveRange(first, end - first);
            return Errno.None;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            foreach (var map in _maps) map.Dispose();
            _maps.Clear();
        }
    }

    public GuestAccess Read(ulong address, Span<byte> into)
    {
        lock (_gate)
        {
            while (!into.IsEmpty)
            {
                if (Holding(address) is not { } map || (map.Flags & DmaMapFlags.Readable) == 0) return GuestAccess.Fault;
                if (!map.IsShared) return GuestAccess.NotShared;
                var here = (int)Math.Min((ulong)into.Length - 1, map.Last - address) + 1;
                if (!map.TryRead(address, into[..here])) return GuestAccess.Fault;
                into = into[here..];
                address += (ulong)here;
            }
        }
        return GuestAccess.Done;
    }

    public GuestAccess Write(ulong address, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            while (!data.IsEmpty)
            {
                if (Holding(address) is not { } map || (map.Flags & DmaMapFlags.Writable) == 0) return GuestAccess.Fault;
                if (!map.IsShared) return GuestAccess.NotShared;
                var here = (int)Math.Min((ulong)data.Length - 1, map.Last - address) + 1;
                if (!map.TryWrite(address, data[..here])) return GuestAccess.Fault;
                data = data[here..];
                address += (ulong)here;
            }
        }
        return GuestAccess.Done;
    }

    public GuestSpan Find(ulong address, int lengthBytes, bool forWriting)
    {
        var needed = forWriting ? DmaMapFlags.Writable : DmaMapFlags.Readable;
        _gate.Enter();
        if (lengthBytes > 0 && Holding(address) is { } map && (map.Flags & needed) != 0 && (ulong)lengthBytes - 1 <= map.Last - address)
        {
            var bytes = map.Bytes(address, lengthBytes);
            if (!bytes.IsEmpty) return new GuestSpan(bytes, _gate);
        }
        _gate.Exit();
        return default;
    }

    public IBorrowedMemory? Borrow(AddressRange range, bool forWriting)
    {
        var needed = forWriting ? DmaMapFlags.Writable : DmaMapFlags.Readable;
        lock (_gate)
        {
            if (range.IsEmpty || Holding(range.Base) is not { } map || (map.Flags & needed) == 0 || range.Size - 1 > map.Last - range.Base) return null;
            return map.Region(range) is { } region ? new BorrowedMap(_gate, map, region) : null;
        }
    }

    private static Errno Check(in DmaMapPayload asked, bool hasFile)
    {
        const ulong WithinPage = Capabilities.PageBytes - 1;
        if (asked.SizeBytes == 0 || ((asked.Address | asked.SizeBytes) & WithinPage) != 0) return Errno.EINVAL;
        if (asked.Address + (asked.SizeBytes - 1) < asked.Address) return Errno.EINVAL;
        if ((asked.Flags & ~Known) != 0 || (asked.Flags & (DmaMapFlags.Readable | DmaMapFlags.Writable)) == 0) return Errno.EINVAL;
        // Without a file the offset says nothing.
        return hasFile && ((asked.Offset & WithinPage) != 0 || asked.Offset > long.MaxValue || asked.SizeBytes > long.MaxValue) ? Errno.EINVAL : Errno.None;
    }

    private bool Overlaps(int index, in DmaMapPayload asked) =>
        (uint)index < (uint)_maps.Count && _maps[index].Address <= asked.Address + (asked.SizeBytes - 1) && asked.Address <= _maps[index].Last;

    private DmaMap? Holding(ulong address)
    {
        if ((uint)_lastFound < (uint)_maps.Count && _maps[_lastFound] is var last && address >= last.Address && address <= last.Last) return last;
        var at = IndexAbove(address) - 1;
        if (at < 0 || address > _maps[at].Last) return null;
        _lastFound = at;
        return _maps[at];
    }

    /// <summary>Of the first map that starts above an address.</summary>
    private int IndexAbove(ulong address)
    {
        var (from, to) = (0, _maps.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (_maps[middle].Address <= address) from = middle + 1;
            else to = middle;
        }
        return from;
    }
}
