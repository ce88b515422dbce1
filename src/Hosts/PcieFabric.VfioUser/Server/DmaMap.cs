using PcieFabric.Addressing;
using PcieFabric.Memory;
using PcieFabric.VfioUser.Interop;
using PcieFabric.VfioUser.Protocol;

namespace PcieFabric.VfioUser.Server;

/// <summary>
/// A range of DMA addresses. Its file is mapped where nobody can cut it shorter; else it is read and written through its descriptor, because
/// touching a mapping beyond the end of its file kills the process, and a client could do that to us. Where neither goes, the client does the DMA.
/// </summary>
internal sealed unsafe class DmaMap : IDisposable
{
    private readonly Descriptor? _file;
    private readonly FileMapping? _mapping;
    private readonly long _fileOffset;

    private DmaMap(in DmaMapPayload asked, Descriptor? file, FileMapping? mapping)
    {
        (Address, SizeBytes, Flags, _fileOffset) = (asked.Address, asked.SizeBytes, asked.Flags, (long)asked.Offset);
        (_file, _mapping) = (file, mapping);
    }

    public ulong Address { get; }

    public ulong SizeBytes { get; }

    public ulong Last => Address + (SizeBytes - 1);

    public DmaMapFlags Flags { get; }

    /// <summary>Device and inode of its file.</summary>
    public (ulong Device, ulong Inode)? File { get; private init; }

    public bool IsShared => _mapping is not null || _file is not null;

    /// <param name="file">Null if the client shares nothing; ours from now on, unless this fails.</param>
    public static Errno Create(in DmaMapPayload asked, Descriptor? file, out DmaMap? map)
    {
        map = null;
        if (file is null)
        {
            map = new DmaMap(in asked, null, null);
            return Errno.None;
        }
        if (FileStatus.Of(file) is not { IsRegularFile: true } status) return Errno.EINVAL;
        if (asked.Offset > (ulong)status.SizeBytes || asked.SizeBytes > (ulong)status.SizeBytes - asked.Offset) return Errno.EINVAL;
        var byAccessOnly = (asked.Flags & (DmaMapFlags.ByMapping | DmaMapFlags.ByFileAccess)) == DmaMapFlags.ByFileAccess;
        if (byAccessOnly || !FileMapping.CannotShrink(file))
        {
            var isOurs = !FileStatus.IsOfHugePages(file);
            map = new DmaMap(in asked, isOurs ? file : null, null) { File = (status.Device, status.Inode) };
            if (!isOurs) file.Dispose();
            return Errno.None;
        }
        // It cannot become shorter now, but may have before it was sealed.
        if (FileStatus.Of(file) is not { } still || still.SizeBytes < status.SizeBytes) return Errno.EINVAL;
        var error = FileMapping.Create(
            file, (long)asked.Offset, (long)asked.SizeBytes, (asked.Flags & DmaMapFlags.Readable) != 0, (asked.Flags & DmaMapFlags.Writable) != 0, out var mapping);
        if (error != Errno.None) return error;
        map = new DmaMap(in asked, null, mapping) { File = (status.Device, status.Inode) };
        // The mapping keeps the file.
        file.Dispose();
        return Errno.None;
    }

    /// <summary>The bytes, which must lie in the map; empty if they are not mapped.</summary>
    public Span<byte> Bytes(ulong address, int length) => _mapping is null ? default : new Span<byte>(_mapping.Base + (address - Address), length);

    /// <summary>The bytes of a range that lies in the map, until it is gone; null if they are not mapped.</summary>
    public MemoryRegion? Region(AddressRange range) => _mapping is null ? null : new MemoryRegion(_mapping.Base + (range.Base - Address), (long)range.Size);

    /// <summary>The client has taken it back.</summary>
    public bool IsGone { get; private set; }

    public bool TryRead(ulong address, Span<byte> into)
    {
        if (_mapping is not null)
        {
            Bytes(address, into.Length).CopyTo(into);
            return true;
        }
        fixed (byte* bytes = into) return ThroughFile(address, bytes, into.Length, write: false);
    }

    public bool TryWrite(ulong address, ReadOnlySpan<byte> data)
    {
        if (_mapping is not null)
        {
            data.CopyTo(Bytes(address, data.Length));
            return true;
        }
        fixed (byte* bytes = data) return ThroughFile(address, bytes, data.Length, write: true);
    }

    public void Dispose()
    {
        IsGone = true;
        _mapping?.Dispose();
        _file?.Dispose();
    }

    private bool ThroughFile(ulong address, byte* bytes, int length, bool write)
    {
        var offset = _fileOffset + (long)(address - Address);
        // A write beyond the end would make the file longer, which is not for us to do.
        if (write && (FileStatus.Of(_file!) is not { } status || offset + length > status.SizeBytes)) return false;
        while (length > 0)
        {
            var done = write ? Libc.WriteAt(_file!, bytes, (nuint)length, offset) : Libc.ReadAt(_file!, bytes, (nuint)length, offset);
            if (done < 0 && Libc.LastError == Errno.EINTR) continue;
            if (done <= 0) return false;
            bytes += done;
            offset += done;
            length -= (int)done;
        }
        return true;
    }
}
