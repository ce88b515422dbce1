using PcieFabric.RootComplexes;

namespace PcieFabric.Gateways;

/// <summary>
/// The world outside, as a gateway sees it. Called while the engine runs, so that it must neither wait nor come back by the same way: what it has to say it says by an input. Only what
/// <see cref="Read"/> and <see cref="Write"/> answer has an influence on the run, and is to be journalled.
/// </summary>
public interface IOutside
{
    /// <summary>An access that was injected with this ticket has ended.</summary>
    /// <param name="data">Of a successful read; valid during the call.</param>
    void Answered(int ticket, bool isSuccess, ReadOnlySpan<byte> data);

    /// <summary>Reads memory. What is not at hand is asked for by <see cref="AskFor"/> later, if the answer is <see cref="MemoryOutcome.Later"/>.</summary>
    MemoryOutcome Read(int guest, ulong address, Span<byte> into);

    /// <summary>Writes memory, consecutive bytes; what is not at hand may be written later, but is not waited for.</summary>
    MemoryOutcome Write(int guest, ulong address, ReadOnlySpan<byte> data);

    /// <summary>Memory that stays where it is while it is held, and of which <see cref="Read"/> and <see cref="Write"/> need not be asked; null where they must be.</summary>
    IBorrowedMemory? Borrow(int guest, AddressRange range, bool forWriting);

    /// <summary>Asks for memory that is not at hand; the answer is an injected completion with this tag, with data or without.</summary>
    void AskFor(int guest, ushort tag, ulong address, int sizeBytes);

    /// <summary>A function sent an interrupt message.</summary>
    void Interrupted(int guest, Bdf function, ulong address, uint data);

    /// <summary>Some function asserted an INTx line.</summary>
    void LineAsserted(int line);
}
