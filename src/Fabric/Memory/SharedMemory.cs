using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PcieFabric.Memory;

/// <summary>
/// The bytes behind host memory and BARs: one sparse <c>memfd</c>, mapped once. Pages exist from their first use on, read as zero until then,
/// and another process that is given the descriptor sees the same bytes. It can be sealed, so that such a process need not fear that it shrinks.
/// </summary>
public sealed unsafe partial class SharedMemory : IDisposable
{
    private const int CloseOnExec = 1, AllowSealing = 2, ProtectRead = 1, ProtectWrite = 2, MapShared = 1, MapNoReserve = 0x4000;
    private const long PageBytes = 4096;

    private byte* _base;
    private long _allocated;

    /// <param name="name">Shown in <c>/proc/PID/maps</c>.</param>
    /// <param name="sizeBytes">Rounded up to whole pages; costs address space, not memory.</param>
    /// <exception cref="IOException">The system refuses: no <c>memfd</c>, or no address space of that size.</exception>
    public SharedMemory(string name, long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        SizeBytes = Math.Max(PageBytes, (sizeBytes + PageBytes - 1) & -PageBytes);
        FileDescriptor = MemfdCreate(name, CloseOnExec | AllowSealing);
        if (FileDescriptor < 0) throw Refused("memfd_create");
        if (Ftruncate(FileDescriptor, SizeBytes) != 0) throw Refused("ftruncate");
        var mapped = Mmap(0, (nuint)SizeBytes, ProtectRead | ProtectWrite, MapShared | MapNoReserve, FileDescriptor, 0);
        if (mapped == -1) throw Refused("mmap");
        _base = (byte*)mapped;
    }

    ~SharedMemory() => Unmap();

    public int FileDescriptor { get; private set; } = -1;

    public long SizeBytes { get; }

    internal byte* Base => _base;

    /// <summary>The next piece that nobody has yet, aligned to pages so that it can be mapped by itself.</summary>
    public MemoryRegion Allocate(long sizeBytes)
    {
        var size = Math.Max(PageBytes, (sizeBytes + PageBytes - 1) & -PageBytes);
        if (size > SizeBytes - _allocated)
            throw new InvalidOperationException($"Invariant: {sizeBytes} bytes asked of a shared memory that has {SizeBytes - _allocated} left");
        var region = new MemoryRegion(this, _allocated, sizeBytes);
        _allocated += size;
        return region;
    }

    /// <summary>Bytes of address space that <see cref="Allocate"/> takes for a piece.</summary>
    public static long Footprint(long sizeBytes) => Math.Max(PageBytes, (sizeBytes + PageBytes - 1) & -PageBytes);

    public void Dispose()
    {
        Unmap();
        GC.SuppressFinalize(this);
    }

    private void Unmap()
    {
        if (_base is not null) _ = Munmap((nint)_base, (nuint)SizeBytes);
        _base = null;
        if (FileDescriptor >= 0) _ = Close(FileDescriptor);
        FileDescriptor = -1;
    }

    private IOException Refused(string call)
    {
        var reason = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
        Unmap();
        return new IOException($"{call} refused {SizeBytes} bytes of shared memory: {reason}");
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Ftruncate(int descriptor, long size);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Mmap(nint at, nuint size, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Munmap(nint at, nuint size);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
