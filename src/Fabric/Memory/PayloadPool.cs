using System.Runtime.InteropServices;

namespace PcieFabric.Memory;

/// <summary>
/// Where TLP payloads live between the sender that fills them and the receiver that consumes them: native blocks of
/// fixed size classes, so a TLP stays a value without references and a busy fabric allocates nothing. One pool belongs to one
/// partition and is not thread-safe; pools of one fabric share a <see cref="PayloadDepot"/>, because a block that travels to
/// another partition is returned there.
/// </summary>
public sealed unsafe class PayloadPool
{
    /// <summary>Blocks moved between a pool and the depot at a time: rare enough to hide the lock, small enough to waste little.</summary>
    private const int BatchBlocks = 256;

    /// <summary>A rental is the number of a pool and a count: for sixty thousand pools, and ten million payloads a second for months.</summary>
    private const int RentalCountBits = 48;

    private readonly PayloadDepot _depot;
    private readonly ulong _rentals;
    private readonly FreeList[] _free = new FreeList[PayloadDepot.SizeClasses];
    private long _rented;
    private long _returned;

    public PayloadPool(PayloadDepot depot) => (_depot, _rentals) = (depot, (ulong)depot.TakePoolNumber() << RentalCountBits);

    public PayloadPool()
        : this(new PayloadDepot())
    {
    }

    /// <summary>Blocks this pool handed out less blocks it took back. Summed over a fabric's pools it is the number of live payloads.</summary>
    public long Outstanding => _rented - _returned;

    /// <param name="sizeBytes">1 to 4096, the largest payload of a TLP (PCIe 6.0 section 2.2.2).</param>
    /// <returns>A block aligned to 16 bytes, contents undefined.</returns>
    public byte* Rent(int sizeBytes, out PayloadIdentity identity)
    {
        var sizeClass = PayloadDepot.ClassOf(sizeBytes);
        ref var list = ref _free[sizeClass];
        if (list.Head is null) list = _depot.Take(sizeClass, BatchBlocks);
        var block = list.Head;
        list.Head = block->Next;
        list.Count--;
        block->Next = null;
        identity = new PayloadIdentity(block->Number, _rentals + (ulong)++_rented);
        return (byte*)(block + 1);
    }

    public void Return(byte* payload)
    {
        var block = (PayloadDepot.Block*)payload - 1;
        ref var list = ref _free[block->SizeClass];
        block->Next = list.Head;
        list.Head = block;
        _returned++;
        if (++list.Count >= 4 * BatchBlocks) _depot.Put(ref list, BatchBlocks);
    }

    internal struct FreeList
    {
        public PayloadDepot.Block* Head;
        public int Count;
    }
}
