using System.Buffers.Binary;
using PcieFabric.EndpointControllers;

namespace PcieFabric.DmaEngines;

/// <summary>
/// Software that programs an eDMA by its registers, as drivers/dma/dw-edma does: at the endpoint, where interrupts are local, and at a host, where they are messages. It uses the
/// channels that it is given, and takes no notice of others, nor of its own while nobody has taken them.
/// </summary>
/// <example><code>
/// var channel = await driver.TakeAsync(write: true);
/// await channel.StartAsync(list);
/// var result = await channel.WaitAsync();
/// driver.Release(channel);
/// </code></example>
public sealed class EmbeddedDmaDriver : IDmaTransfers
{
    private readonly IEmbeddedDmaBus _bus;
    private readonly ulong? _message;
    private readonly Pool[] _pools;
    private Task? _initialized;
    private bool _isServing;
    private bool _again;
    private int _waiting;

    /// <param name="message">Where the engine tells the host; null at the endpoint.</param>
    /// <param name="messageData">What it writes there: of write channel 0, and one more for each further channel, read channels behind write channels. Sixteen bits.</param>
    public EmbeddedDmaDriver(IEmbeddedDmaBus bus, IEnumerable<int> writeChannels, IEnumerable<int> readChannels, ulong? message = null, uint messageData = 0)
    {
        (_bus, _message) = (bus, message);
        var interrupts = message is null ? EmbeddedDmaControl.LocalInterrupt : EmbeddedDmaControl.LocalInterrupt | EmbeddedDmaControl.RemoteInterrupt;
        var data = messageData;
        _pools = [Make(EmbeddedDmaRegisters.Write, writeChannels), Make(EmbeddedDmaRegisters.Read, readChannels)];

        Pool Make(EmbeddedDmaRegisters registers, IEnumerable<int> channels) =>
            new(registers, [.. channels.Select(number => new EmbeddedDmaDriverChannel(bus, registers, number, interrupts, data++))]);
    }

    /// <summary>Somebody emulated an interrupt: a doorbell without a transfer. It was taken back before.</summary>
    public Action? Emulated { get; set; }

    public int WriteChannels => _pools[0].Channels.Count;

    public int ReadChannels => _pools[1].Channels.Count;

    /// <summary>A channel for oneself, as soon as one is free.</summary>
    /// <param name="write">From local memory to the bus.</param>
    public async ValueTask<EmbeddedDmaDriverChannel> TakeAsync(bool write)
    {
        await (_initialized ??= InitializeAsync());
        var pool = _pools[write ? 0 : 1];
        if (pool.Free.TryDequeue(out var channel))
        {
            pool.TakenBits |= channel.StatusBits;
            return channel;
        }
        var waiting = new TaskCompletionSource<EmbeddedDmaDriverChannel>();
        pool.Waiting.Enqueue(waiting);
        return await waiting.Task;
    }

    public void Release(EmbeddedDmaDriverChannel channel)
    {
        var pool = _pools[channel.IsWrite ? 0 : 1];
        if (pool.Waiting.TryDequeue(out var waiting))
        {
            waiting.SetResult(channel);
            return;
        }
        pool.TakenBits &= ~channel.StatusBits;
        pool.Free.Enqueue(channel);
    }

    /// <summary>One transfer without a list.</summary>
    public async ValueTask<DmaError> TransferAsync(bool write, ulong from, ulong to, uint size)
    {
        var channel = await TakeAsync(write);
        await channel.TransferAsync(from, to, size);
        var result = await channel.WaitAsync();
        Release(channel);
        return result;
    }

    /// <summary>The handler of the status interrupt: tells channels what they wait for.</summary>
    public async Task InterruptedAsync()
    {
        _again = true;
        if (_isServing) return;
        _isServing = true;
        while (_again)
        {
            _again = false;
            foreach (var pool in _pools) await ServeAsync(pool);
        }
        _isServing = false;
    }

    /// <summary>The handler of an emulated interrupt.</summary>
    public async Task EmulatedAsync()
    {
        await _bus.StoreAsync(EmbeddedDmaRegisters.Read.InterruptClear, new byte[sizeof(uint)]);
        Emulated?.Invoke();
    }

    async ValueTask<ControllerRule> IDmaTransfers.TransferAsync(DmaDirection direction, ulong from, ulong to, ulong sizeBytes)
    {
        const uint Largest = 1u << 30;
        if (direction == DmaDirection.MemoryToMemory) return ControllerRule.DmaDirection;
        var write = direction == DmaDirection.MemoryToDevice;
        if (_pools[write ? 0 : 1].Channels.Count == 0) return ControllerRule.NoDma;
        if (_waiting == Limits.MaxDmaTransfers) return ControllerRule.DmaBusy;
        _waiting++;
        var error = DmaError.None;
        for (var done = 0ul; done < sizeBytes && error == DmaError.None; done += Largest)
            error = await TransferAsync(write, from + done, to + done, (uint)Math.Min(Largest, sizeBytes - done));
        _waiting--;
        return error == DmaError.None ? ControllerRule.None : ControllerRule.DmaFailed;
    }

    private async Task InitializeAsync()
    {
        foreach (var pool in _pools)
        {
            var registers = pool.Registers;
            await Store32Async(registers.EngineEnable, 1);
            await Store32Async(registers.InterruptMask, 0);
            await Store32Async(registers.ListErrorEnable, _message is null ? 0x00FF_0000u : 0x00FF_00FFu);
            if (_message is not { } message) continue;
            var addresses = new byte[2 * sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(addresses, message);
            BinaryPrimitives.WriteUInt64LittleEndian(addresses.AsSpan(sizeof(ulong)), message);
            await _bus.StoreAsync(registers.DoneMessage, addresses);
            var data = new byte[Limits.MaxDmaChannels * sizeof(ushort)];
            foreach (var channel in pool.Channels) BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(channel.Number * sizeof(ushort)), (ushort)channel.MessageData);
            await _bus.StoreAsync(registers.MessageData, data);
        }
    }

    private async ValueTask ServeAsync(Pool pool)
    {
        const int AbortShift = 16;
        var registers = pool.Registers;
        var all = await _bus.LoadAsync(registers.InterruptStatus);
        var status = all & pool.TakenBits;
        if (all == uint.MaxValue || status == 0) return;
        var (low, high) = (0u, 0u);
        if (status >> AbortShift != 0)
        {
            low = await _bus.LoadAsync(registers.ErrorStatus);
            if (!registers.IsWrite) high = await _bus.LoadAsync(registers.ErrorStatus + sizeof(uint));
        }
        await Store32Async(registers.InterruptClear, status);
        foreach (var channel in pool.Channels)
        {
            if ((status >> (AbortShift + channel.Number) & 1) != 0) channel.Ended(ErrorOf(channel.Number, low, high));
            else if ((status >> channel.Number & 1) != 0) channel.Ended(DmaError.None);
        }
    }

    private static DmaError ErrorOf(int channel, uint low, uint high)
    {
        if ((low >> channel & 1) != 0) return DmaError.LocalAddress;
        if ((low >> (channel + 16) & 1) != 0) return DmaError.ListFetch;
        if ((high >> channel & 1) != 0) return DmaError.UnsupportedRequest;
        if ((high >> (channel + 8) & 1) != 0) return DmaError.CompleterAbort;
        if ((high >> (channel + 16) & 1) != 0) return DmaError.CompletionTimeout;
        return (high >> (channel + 24) & 1) != 0 ? DmaError.PoisonedData : DmaError.Stopped;
    }

    private ValueTask Store32Async(uint offset, uint value) => _bus.StoreAsync(offset, BitConverter.GetBytes(value));

    private sealed class Pool
    {
        public Pool(EmbeddedDmaRegisters registers, IReadOnlyList<EmbeddedDmaDriverChannel> channels) => (Registers, Channels, Free) = (registers, channels, new(channels));

        public EmbeddedDmaRegisters Registers { get; }

        public IReadOnlyList<EmbeddedDmaDriverChannel> Channels { get; }

        /// <summary>Of the status, those of channels that somebody took: others may be in the hands of another driver, at the other end of the link.</summary>
        public uint TakenBits { get; set; }

        public Queue<EmbeddedDmaDriverChannel> Free { get; }

        public Queue<TaskCompletionSource<EmbeddedDmaDriverChannel>> Waiting { get; } = new();
    }
}
