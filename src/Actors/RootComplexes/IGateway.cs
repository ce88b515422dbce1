using PcieFabric.Engine;

namespace PcieFabric.RootComplexes;

/// <summary>
/// Stands in the place of a host's processor and memory for functions that somebody outside uses. Called in turns of the root complex, and bound as an actor is: what it does follows from
/// what it was told.
/// </summary>
public interface IGateway
{
    /// <summary>The root complex is spawned.</summary>
    void Join(Host host, IActorContext context);

    /// <summary>Something came from outside. It is a turn of the host's software.</summary>
    void Take(ref readonly Message input);

    /// <summary>Whether what a function asks for is somebody's outside.</summary>
    bool Serves(int hierarchy, Bdf requester);

    /// <summary>Where a memory request of a served function leads; all of it, as no request crosses a page.</summary>
    GuestPlace Find(int hierarchy, ref readonly Tlp request);

    /// <summary>Writes memory. The payload stays the caller's.</summary>
    MemoryOutcome Write(int guest, ref readonly Tlp write);

    /// <summary>A write to where interrupts go. The payload stays the caller's.</summary>
    void Interrupt(int guest, ref readonly Tlp write);

    /// <summary>Reads memory, whole DWs.</summary>
    MemoryOutcome Read(int guest, ulong address, Span<byte> into);

    /// <summary>
    /// Memory of a served function's guest, if all requests for a range are for it and it can be reached without asking for each: what <see cref="Read"/> and <see cref="Write"/> would find there. Null
    /// otherwise.
    /// </summary>
    IBorrowedMemory? Borrow(int hierarchy, Bdf requester, AddressRange range, bool forWriting);

    /// <summary>So many bytes went to or came from memory that was borrowed.</summary>
    void Passed(long bytesRead, long bytesWritten);

    /// <summary>Takes a read whose data comes later; it ends with <see cref="RootComplex.Answer"/>. It keeps its place on its link until then, which bounds how many there are.</summary>
    void Defer(int guest, int port, ref readonly Tlp request);
}
