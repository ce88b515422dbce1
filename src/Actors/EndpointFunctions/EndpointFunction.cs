using PcieFabric.Engine;
using PcieFabric.Requests;

namespace PcieFabric.EndpointFunctions;

/// <summary>
/// The behaviour of a function: override what it needs. Registers are DWs; the host's wider accesses come as several. Code is ordinary
/// <c>async</c> C# that awaits what is here, and nothing outside the fabric.
/// </summary>
/// <example><code>
/// sealed class Counter : EndpointFunction
/// {
///     private uint _count;
///     protected internal override uint ReadRegister(int bar, ulong offset) => _count++;
/// }
/// </code></example>
public abstract class EndpointFunction
{
    private FunctionActor? _actor;
    private IReadOnlyDictionary<int, MemoryRegion>? _barMemory;

    /// <summary>Virtual time.</summary>
    protected SimTime Now => Actor.Now;

    /// <summary>The function's own generator: the same numbers in every run with the same seed.</summary>
    protected DeterministicRandom Random => Actor.Random;

    /// <summary>How many of the function's requests may be under way; fewer if its tags are fewer.</summary>
    protected void LimitOutstanding(int requests) => Actor.LimitOutstanding(requests);

    /// <summary>Bus Master Enable is set: DMA and interrupts get through.</summary>
    protected bool IsBusMaster => Actor.IsBusMaster;

    /// <summary>DMA from host or peer memory; complete when all data is there or a completion said no.</summary>
    protected ValueTask<RequestResult> DmaReadAsync(ulong address, Memory<byte> into) => Actor.Requester.ReadAsync(address, into);

    /// <summary>DMA to host or peer memory; complete when the last write has left the function.</summary>
    protected ValueTask<RequestResult> DmaWriteAsync(ulong address, Memory<byte> from) => Actor.Requester.WriteAsync(address, from);

    /// <inheritdoc cref="DmaReadAsync(ulong, Memory{byte})"/>
    /// <param name="attributes">Traffic class, ordering, PASID and address type of the requests are this TLP's; an address type that is not zero overrides address translation.</param>
    protected ValueTask<RequestResult> DmaReadAsync(ulong address, Memory<byte> into, in Tlp attributes) => Actor.Requester.ReadAsync(address, into, in attributes);

    /// <inheritdoc cref="DmaWriteAsync(ulong, Memory{byte})"/>
    /// <param name="attributes">Traffic class, ordering, address type and PASID of the requests are this TLP's.</param>
    protected ValueTask<RequestResult> DmaWriteAsync(ulong address, Memory<byte> from, in Tlp attributes) => Actor.Requester.WriteAsync(address, from, in attributes);

    /// <summary>An AtomicOp; the result's value is what was there before.</summary>
    /// <param name="operands">FetchAdd and Swap 4 or 8 bytes; CAS compare and swap, 8 or 16 bytes together. Aligned to one operand.</param>
    protected ValueTask<RequestResult> DmaAtomicAsync(AtomicOperation operation, ulong address, ReadOnlySpan<byte> operands) => Actor.Atomic(operation, address, operands);

    /// <summary>
    /// Uses ATS (PCIe 6.0 chapter 10) whenever software has enabled it in the function's ATS capability: DMA leaves with translated addresses, which the function asks the
    /// host for once a page and keeps until the host invalidates them.
    /// </summary>
    /// <param name="entries">Translations that it keeps: <paramref name="ways"/> times a power of two.</param>
    protected void UseAddressTranslation(int entries = 64, int ways = 4) => Actor.UseAddressTranslation(entries, ways);

    /// <summary>Translation requests that were sent so far; zero without <see cref="UseAddressTranslation"/>.</summary>
    protected long TranslationsAsked => Actor.Translations?.Asked ?? 0;

    protected ValueTask DelayAsync(SimTime delay) => Actor.Alarms.After(delay);

    /// <summary>MSI-X or MSI, whichever software enabled; behind all writes that were completed before. Without either it is lost.</summary>
    protected void RaiseInterrupt(int vector) => Actor.Signal(new(vector, IsLevel: false, Asserted: true));

    /// <summary>INTx, asserted until called again with false.</summary>
    protected void SetInterruptLine(bool asserted) => Actor.Signal(new(0, IsLevel: true, asserted));

    /// <summary>Whether the function answers accesses to the BAR itself, as registers; otherwise it is memory that the endpoint answers for. Asked before the start.</summary>
    protected internal virtual bool OwnsBar(int bar) => true;

    /// <summary>
    /// The part of a BAR that the function answers for itself, by offset: all of it if it <see cref="OwnsBar"/>, or else nothing. The rest is memory that the endpoint
    /// answers for. Asked before the start.
    /// </summary>
    protected internal virtual AddressRange RegistersIn(int bar, ulong sizeBytes) => OwnsBar(bar) ? new AddressRange(0, sizeBytes) : AddressRange.Empty;

    /// <summary>The memory behind a BAR that is not all registers.</summary>
    protected MemoryRegion BarMemory(int bar) => _barMemory![bar];

    /// <summary>The host reads a register.</summary>
    /// <param name="offset">In the BAR, a multiple of four.</param>
    protected internal virtual uint ReadRegister(int bar, ulong offset) => 0;

    /// <summary>The host writes a register.</summary>
    /// <param name="byteEnables">Bit 0 for the byte at <paramref name="offset"/>.</param>
    protected internal virtual void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
    }

    /// <summary>
    /// Nothing happens of the function's own accord before the host first reaches its registers. It may be made by its factory only then, so that a function that is
    /// never used costs next to nothing; of its code nothing is called before but this and what says which parts of its BARs are registers. Asked before the start.
    /// </summary>
    protected internal virtual bool SleepsUntilReached => false;

    /// <summary>Runs from the start of the fabric, beside the registers; of a function that <see cref="SleepsUntilReached"/>, from then on.</summary>
    protected internal virtual Task RunAsync() => Task.CompletedTask;

    /// <summary>Runs code that a register started beside everything else. Its failure stops the function.</summary>
    protected void Start(Func<Task> code) => Actor.Watch(code());

    /// <summary>The function was reset: DMA under way ends as if it had timed out, and state goes back to where it began.</summary>
    protected internal virtual void Reset()
    {
    }

    private FunctionActor Actor => _actor ?? throw new InvalidOperationException($"{GetType().Name} is not part of a fabric yet; use RunAsync in place of its constructor");

    internal void UseBarMemory(IReadOnlyDictionary<int, MemoryRegion> memory) => _barMemory = memory;

    internal void Attach(FunctionActor actor) => _actor = actor;
}
