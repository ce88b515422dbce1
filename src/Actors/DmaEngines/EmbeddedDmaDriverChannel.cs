using System.Buffers.Binary;

namespace PcieFabric.DmaEngines;

/// <summary>A channel of an eDMA in the hands of a driver.</summary>
public sealed class EmbeddedDmaDriverChannel
{
    private readonly IEmbeddedDmaBus _bus;
    private readonly EmbeddedDmaRegisters _registers;
    private readonly byte[] _block = new byte[EmbeddedDmaRegisters.ChannelBytes];
    private readonly byte[] _doorbell = new byte[sizeof(uint)];
    private TaskCompletionSource<DmaError>? _waiting;
    private DmaError? _ended;

    internal EmbeddedDmaDriverChannel(IEmbeddedDmaBus bus, EmbeddedDmaRegisters registers, int number, EmbeddedDmaControl interrupts, uint messageData)
    {
        (_bus, _registers, Number, Interrupts, MessageData) = (bus, registers, number, interrupts, messageData);
    }

    public int Number { get; }

    /// <summary>From local memory to the bus.</summary>
    public bool IsWrite => _registers.IsWrite;

    /// <summary>What a list sets in elements whose end is to be told.</summary>
    public EmbeddedDmaControl Interrupts { get; }

    internal uint MessageData { get; }

    /// <summary>Done and abort, in the status registers.</summary>
    internal uint StatusBits => 0x0001_0001u << Number;

    /// <summary>Starts a transfer without a list.</summary>
    public async ValueTask TransferAsync(ulong from, ulong to, uint size)
    {
        _ended = null;
        Span<byte> block = _block;
        BinaryPrimitives.WriteUInt32LittleEndian(block[(int)EmbeddedDmaRegisters.ChannelControl1..], (uint)Interrupts);
        BinaryPrimitives.WriteUInt32LittleEndian(block[(int)EmbeddedDmaRegisters.TransferSize..], size);
        BinaryPrimitives.WriteUInt64LittleEndian(block[(int)EmbeddedDmaRegisters.Source..], from);
        BinaryPrimitives.WriteUInt64LittleEndian(block[(int)EmbeddedDmaRegisters.Target..], to);
        await _bus.StoreAsync(_registers.ChannelOffset(Number), _block);
        await RingAsync();
    }

    /// <summary>Starts a list, whose elements of data have the cycle bit set.</summary>
    /// <param name="list">A local address, as the engine sees it.</param>
    public async ValueTask StartAsync(ulong list)
    {
        _ended = null;
        _block.AsSpan().Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan((int)EmbeddedDmaRegisters.ChannelControl1), (uint)(EmbeddedDmaControl.CycleState | EmbeddedDmaControl.LinkedList));
        BinaryPrimitives.WriteUInt64LittleEndian(_block.AsSpan((int)EmbeddedDmaRegisters.ListPointer), list);
        await _bus.StoreAsync(_registers.ChannelOffset(Number), _block);
        await RingAsync();
    }

    /// <summary>The channel looks again at its list, which has become longer.</summary>
    public ValueTask RingAsync()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_doorbell, (uint)Number);
        return _bus.StoreAsync(_registers.Doorbell, _doorbell);
    }

    /// <summary>The channel ends, as an abort, if it runs.</summary>
    public ValueTask StopAsync()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_doorbell, EmbeddedDmaRegisters.DoorbellStop | (uint)Number);
        return _bus.StoreAsync(_registers.Doorbell, _doorbell);
    }

    /// <summary>The next end of an element that was to be told, or the abort; of several since the last one at once.</summary>
    /// <returns>None, or why the channel aborted: <see cref="DmaError.Stopped"/> where the registers give no reason.</returns>
    public async ValueTask<DmaError> WaitAsync()
    {
        if (_ended is not { } ended) return await (_waiting = new TaskCompletionSource<DmaError>()).Task;
        _ended = null;
        return ended;
    }

    /// <summary>Whoever waits goes on: the engine will never tell.</summary>
    public void GiveUp() => Ended(DmaError.CompletionTimeout);

    public async ValueTask<EmbeddedDmaStatus> StatusAsync() =>
        (EmbeddedDmaStatus)(await _bus.LoadAsync(_registers.ChannelOffset(Number) + EmbeddedDmaRegisters.ChannelControl1) >> 5 & 3);

    internal void Ended(DmaError error)
    {
        if (_waiting is not { } waiting)
        {
            _ended = error;
            return;
        }
        _waiting = null;
        waiting.SetResult(error);
    }
}
