using PcieFabric.DmaEngines;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.HostDrivers;

/// <summary>
/// A model of Linux's <c>dw-edma-pcie</c>: the eDMA of an endpoint, programmed by the host through the BAR that shows its registers, and heard by messages.
/// Lists are in memory of the endpoint that a BAR shows; or in the host's, where software of the endpoint gave it a window to there.
/// </summary>
public sealed class EmbeddedDmaHost : IEmbeddedDmaBus
{
    private readonly Host _host;
    private readonly ulong _registers;

    private EmbeddedDmaHost(Host host, ulong registers, int writeChannels, int readChannels)
    {
        (_host, _registers) = (host, registers);
        // Consecutive vectors start at a multiple of their number rounded up, so that all share one address.
        var vectors = host.Interrupts.Allocate(writeChannels + readChannels);
        foreach (var vector in vectors) vector.Handler = Interrupted;
        Driver = new EmbeddedDmaDriver(this, Enumerable.Range(0, writeChannels), Enumerable.Range(0, readChannels), vectors[0].MessageAddress, vectors[0].MessageData);
    }

    public EmbeddedDmaDriver Driver { get; }

    /// <param name="bar">The BAR that shows the registers.</param>
    /// <param name="offset">Where in it.</param>
    /// <returns>Null where there is no such BAR, or no eDMA behind it.</returns>
    public static async ValueTask<EmbeddedDmaHost?> ProbeAsync(Host host, EnumeratedFunction function, int bar, ulong offset = 0)
    {
        if (function.FindBar(bar) is not { } found) return null;
        var control = await host.Read32Async(found.Range.Base + offset + EmbeddedDmaRegisters.Control);
        var (writeChannels, readChannels) = ((int)control & 0xF, (int)control >> 16 & 0xF);
        var isThere = writeChannels is >= 1 and <= Limits.MaxDmaChannels && readChannels is >= 1 and <= Limits.MaxDmaChannels;
        return isThere ? new EmbeddedDmaHost(host, found.Range.Base + offset, writeChannels, readChannels) : null;
    }

    /// <summary>One transfer without a list, on the first channel that is free.</summary>
    /// <param name="write">From the endpoint's memory to the bus.</param>
    /// <param name="timeout">After which nobody waits any more.</param>
    public async ValueTask<DmaError> TransferAsync(bool write, ulong from, ulong to, uint size, SimTime timeout)
    {
        var channel = await Driver.TakeAsync(write);
        await channel.TransferAsync(from, to, size);
        return await EndAsync(channel, timeout);
    }

    /// <summary>A list, on the first channel that is free.</summary>
    /// <param name="list">Its local address at the endpoint.</param>
    /// <inheritdoc cref="TransferAsync"/>
    public async ValueTask<DmaError> RunListAsync(bool write, ulong list, SimTime timeout)
    {
        var channel = await Driver.TakeAsync(write);
        await channel.StartAsync(list);
        return await EndAsync(channel, timeout);
    }

    /// <summary>Writes a list where the host reaches it.</summary>
    /// <param name="address">On the bus: of its own memory, or in a BAR.</param>
    public async ValueTask WriteListAsync(ulong address, IReadOnlyList<LinkedListElement> elements)
    {
        var bytes = new byte[elements.Count * LinkedListElement.Bytes];
        for (var i = 0; i < elements.Count; i++) elements[i].Write(bytes.AsSpan(i * LinkedListElement.Bytes));
        if (_host.Memory.TryFind(address, (ulong)bytes.Length, out _, out _))
        {
            bytes.CopyTo(_host.Memory.Span(address, bytes.Length));
            return;
        }
        await _host.WriteAsync(address, bytes);
        // What is read back has arrived; the kernel does so before it rings.
        await _host.Read32Async(address);
    }

    ValueTask<uint> IEmbeddedDmaBus.LoadAsync(uint offset) => _host.Read32Async(_registers + offset);

    async ValueTask IEmbeddedDmaBus.StoreAsync(uint offset, Memory<byte> dwords) => await _host.WriteAsync(_registers + offset, dwords);

    private async ValueTask<DmaError> EndAsync(EmbeddedDmaDriverChannel channel, SimTime timeout)
    {
        var isOver = false;
        _ = ExpireAsync();
        var error = await channel.WaitAsync();
        isOver = true;
        Driver.Release(channel);
        return error;

        async Task ExpireAsync()
        {
            await _host.DelayAsync(timeout);
            if (!isOver) channel.GiveUp();
        }
    }

    private void Interrupted() => _ = Driver.InterruptedAsync();
}
