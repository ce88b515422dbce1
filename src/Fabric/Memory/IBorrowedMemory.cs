namespace PcieFabric.Memory;

/// <summary>Memory of somebody else's, who may want it back at any time: its bytes may be touched only while it is held, and its owner waits for that.</summary>
public interface IBorrowedMemory
{
    MemoryRegion Region { get; }

    /// <summary>Holds it until <see cref="LetGo"/>, on the same thread and soon.</summary>
    /// <returns>False if its owner has it back already.</returns>
    bool TryHold();

    void LetGo();
}
