using PcieFabric.Memory;

namespace PcieFabric.VfioUser.Server;

/// <summary>Bytes of one map of a client's. Who holds them has the lock of all its maps, for which the client's unmaps wait.</summary>
internal sealed class BorrowedMap(Lock gate, DmaMap map, MemoryRegion region) : IBorrowedMemory
{
    public MemoryRegion Region => region;

    public bool TryHold()
    {
        gate.Enter();
        if (!map.IsGone) return true;
        gate.Exit();
        return false;
    }

    public void LetGo() => gate.Exit();
}
