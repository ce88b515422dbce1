namespace PcieFabric.DmaEngines;

/// <summary>The channels of one direction of an eDMA, and the registers that they share.</summary>
internal sealed class EmbeddedDmaDirection
{
    private const int AbortShift = 16, ListShift = 16;

    /// <summary>A weight of one for each channel.</summary>
    private const uint ResetWeights = 0x0000_8421;

    private readonly EmbeddedDma _engine;
    private readonly uint[] _message = new uint[4];
    private readonly uint[] _messageData = new uint[4];
    private readonly uint[] _weights = [ResetWeights, ResetWeights];
    private readonly uint[] _errors = new uint[2];
    private uint _status;
    private uint _mask;
    private uint _listErrorEnable;

    public EmbeddedDmaDirection(EmbeddedDma engine, EmbeddedDmaRegisters registers, IEnumerable<DmaChannel> channels)
    {
        (_engine, Registers) = (engine, registers);
        Channels = [.. channels.Select((channel, number) => new EmbeddedDmaChannel(engine, this, number, channel))];
        _mask = OfChannels;
        UseWeights();
    }

    public EmbeddedDmaRegisters Registers { get; }

    public EmbeddedDmaChannel[] Channels { get; }

    public bool IsEnabled { get; private set; }

    public ulong DoneMessage => _message[0] | (ulong)_message[1] << 32;

    public ulong AbortMessage => _message[2] | (ulong)_message[3] << 32;

    private uint OfChannels => (1u << Channels.Length) - 1 | ((1u << Channels.Length) - 1) << AbortShift;

    public uint MessageDataOf(int channel) => _messageData[channel / 2] >> channel % 2 * 16 & 0xFFFF;

    public bool TellsHostOfListErrors(int channel) => (_listErrorEnable >> channel & 1) != 0;

    public void Done(EmbeddedDmaChannel channel) => Set(channel, 1u << channel.Number);

    public void Aborted(EmbeddedDmaChannel channel, DmaError error)
    {
        var bit = 1u << channel.Number;
        switch (error)
        {
            case DmaError.LocalAddress:
                _errors[0] |= bit;
                break;
            case DmaError.ListFetch:
                _errors[0] |= bit << ListShift;
                break;
            // A write has no answer: what the bus thinks of it has no bit.
            case DmaError.UnsupportedRequest when !Registers.IsWrite:
                _errors[1] |= bit;
                break;
            case DmaError.CompleterAbort when !Registers.IsWrite:
                _errors[1] |= bit << 8;
                break;
            case DmaError.CompletionTimeout or DmaError.FunctionReset when !Registers.IsWrite:
                _errors[1] |= bit << 16;
                break;
            case DmaError.PoisonedData when !Registers.IsWrite:
                _errors[1] |= bit << 24;
                break;
        }
        Set(channel, bit << AbortShift);
    }

    /// <returns>Null where the offset is of no register of the direction.</returns>
    public uint? Read(uint offset)
    {
        var registers = Registers;
        if (offset == registers.EngineEnable) return IsEnabled ? 1u : 0;
        if (offset == registers.InterruptStatus) return _status;
        if (offset == registers.InterruptMask) return _mask;
        if (offset == registers.ListErrorEnable) return _listErrorEnable;
        if (offset == registers.Doorbell || offset == registers.InterruptClear) return 0;
        var plain = Find(offset);
        if (!plain.IsEmpty) return plain[0];
        return IsError(offset, out var index) ? _errors[index] : null;
    }

    /// <returns>False where the offset is of no register of the direction that can be written.</returns>
    public bool Write(int function, uint offset, uint value)
    {
        var registers = Registers;
        if (offset == registers.Doorbell) Ring(function, value);
        else if (offset == registers.InterruptStatus) _engine.Emulate(function);
        else if (offset == registers.InterruptClear) Clear(function, value);
        else if (offset == registers.EngineEnable) Enable((value & 1) != 0);
        else if (offset == registers.InterruptMask) SetMask(value & OfChannels);
        else if (offset == registers.ListErrorEnable) _listErrorEnable = value & OfChannels;
        else
        {
            var plain = Find(offset);
            if (plain.IsEmpty) return false;
            plain[0] = value;
            UseWeights();
        }
        return true;
    }

    /// <summary>A register that only keeps what was written; empty where there is none.</summary>
    private Span<uint> Find(uint offset) => In(_weights, offset - Registers.Weights) is { IsEmpty: false } weight ? weight
        : In(_message, offset - Registers.DoneMessage) is { IsEmpty: false } message ? message
        : In(_messageData, offset - Registers.MessageData);

    private static Span<uint> In(uint[] registers, uint offset) => offset / sizeof(uint) < registers.Length ? registers.AsSpan((int)offset / sizeof(uint), 1) : default;

    private void Ring(int function, uint value)
    {
        var number = (int)value & (Limits.MaxDmaChannels - 1);
        if (!IsEnabled || number >= Channels.Length) _engine.Counters.IgnoredDoorbells++;
        else if ((value & EmbeddedDmaRegisters.DoorbellStop) != 0) Channels[number].Stop();
        else Channels[number].Ring(function);
    }

    private void Enable(bool enable)
    {
        IsEnabled = enable;
        if (enable) return;
        foreach (var channel in Channels) channel.Stop();
    }

    private void Clear(int function, uint value)
    {
        _status &= ~value;
        var aborts = value >> AbortShift & 0xFF;
        _errors[0] &= ~(aborts | aborts << ListShift);
        _errors[1] &= ~(aborts * 0x0101_0101);
        _engine.TakeBack(function);
    }

    private void Set(EmbeddedDmaChannel channel, uint bit)
    {
        _status |= bit;
        if ((_mask & bit) == 0) _engine.Tell(channel.Function);
    }

    /// <summary>What was masked is told as soon as it is not.</summary>
    private void SetMask(uint mask)
    {
        var told = _status & _mask & ~mask;
        _mask = mask;
        foreach (var channel in Channels)
            if ((told >> channel.Number & 0x0001_0001) != 0)
                _engine.Tell(channel.Function);
    }

    private void UseWeights()
    {
        foreach (var channel in Channels) channel.SetWeight((int)(_weights[channel.Number / 4] >> channel.Number % 4 * 5 & 0x1F) + 1);
    }

    private bool IsError(uint offset, out uint index)
    {
        index = (offset - Registers.ErrorStatus) / sizeof(uint);
        return index < (Registers.IsWrite ? 1 : 2);
    }
}
