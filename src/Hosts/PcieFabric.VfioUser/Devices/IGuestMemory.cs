using PcieFabric.Addressing;
using PcieFabric.Memory;

namespace PcieFabric.VfioUser.Devices;

/// <summary>
/// What of a client's memory is shared with us, by address of DMA. Thread-safe: one lock guards it, which unmapping takes too, so that no copy
/// reaches memory that is gone, and an unmap is answered only when the copies under way are done. Nothing else is called with that lock held.
/// </summary>
public interface IGuestMemory
{
    /// <summary>Copies out of the guest's memory. What came before a fault may have been copied.</summary>
    GuestAccess Read(ulong address, Span<byte> into);

    /// <summary>Copies into the guest's memory. What came before a fault may have been copied.</summary>
    GuestAccess Write(ulong address, ReadOnlySpan<byte> data);

    /// <summary>
    /// The bytes themselves, if one mapping has them all; the default, which has none, otherwise. Dispose of it soon and on the same thread: the client's unmaps wait for it. A
    /// thread may hold those of one client only, lest two threads wait for each other.
    /// </summary>
    GuestSpan Find(ulong address, int lengthBytes, bool forWriting);

    /// <summary>The bytes of a range, for longer than <see cref="Find"/> and to be held from time to time; null if no one mapping has them all. May be held beside those of other clients, if one thread at a time does so.</summary>
    IBorrowedMemory? Borrow(AddressRange range, bool forWriting);

    /// <summary>The files that are shared with us, by device and inode: clients that share the same one are parts of one machine. As they are now.</summary>
    IReadOnlySet<(ulong Device, ulong Inode)> Files { get; }
}

/// <summary>What became of an access to a guest's memory.</summary>
public enum GuestAccess
{
    Done,

    /// <summary>Some of it is mapped but not shared: it takes <see cref="IVfioUserClient.DmaRead"/> or <see cref="IVfioUserClient.DmaWrite"/>.</summary>
    NotShared,

    /// <summary>Some of it is not mapped, or not for this, or its file is shorter than was said.</summary>
    Fault,
}

/// <summary>Bytes of a guest, held so that they stay mapped until disposed of.</summary>
public readonly ref struct GuestSpan
{
    private readonly Lock? _held;

    internal GuestSpan(Span<byte> bytes, Lock held)
    {
        Bytes = bytes;
        _held = held;
    }

    public Span<byte> Bytes { get; }

    /// <summary>Whether there are any.</summary>
    public bool IsFound => _held is not null;

    public void Dispose() => _held?.Exit();
}
