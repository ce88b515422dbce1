using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.DmaEngines;

/// <summary>
/// DesignWare's eDMA: up to eight channels in each direction between local memory and the bus, with descriptors in linked lists, told by registers that the endpoint's
/// processor and, through a BAR, the host reach. A channel asks on behalf of the function that rang its doorbell.
/// </summary>
public sealed class EmbeddedDma : DmaEngine
{
    /// <summary>The interrupt that somebody emulated: a write to a status register, which Linux uses as a doorbell.</summary>
    public const int EmulatedInterrupt = 0;

    private readonly int _writeChannels;
    private readonly int _readChannels;
    private readonly bool[] _emulated;
    private EmbeddedDmaDirection[] _directions = [];
    private uint _priority;

    /// <param name="writeChannels">1 to 8.</param>
    /// <param name="readChannels">1 to 8.</param>
    public EmbeddedDma(DmaEngineSettings settings, int writeChannels, int readChannels)
        : base(settings)
    {
        (_writeChannels, _readChannels) = (writeChannels, readChannels);
        _emulated = new bool[settings.Functions];
    }

    /// <summary>To be read when the engine stands still.</summary>
    public EmbeddedDmaCounters Counters { get; } = new();

    protected override void Started()
    {
        MakeChannels(_writeChannels, _readChannels);
        _directions =
        [
            new EmbeddedDmaDirection(this, EmbeddedDmaRegisters.Write, Channels.Take(_writeChannels)),
            new EmbeddedDmaDirection(this, EmbeddedDmaRegisters.Read, Channels.Skip(_writeChannels)),
        ];
    }

    protected override uint ReadRegister(LocalAccess access, uint offset)
    {
        if (ChannelAt(offset, out var register) is { } channel) return channel.Get32(register);
        if (offset == EmbeddedDmaRegisters.Control) return (uint)_writeChannels | (uint)_readChannels << 16;
        if (offset == EmbeddedDmaRegisters.Priority) return _priority;
        return _directions[0].Read(offset) ?? _directions[1].Read(offset) ?? 0;
    }

    protected override void WriteRegister(LocalAccess access, uint offset, uint value, int byteEnables)
    {
        // Synopsys' slave port of registers takes DWs.
        if (byteEnables != 15)
        {
            Counters.PartialWrites++;
            return;
        }
        if (ChannelAt(offset, out var register) is { } channel) channel.Written(register, value);
        else if (offset == EmbeddedDmaRegisters.Priority) _priority = value;
        else if (!_directions[0].Write(access.Function, offset, value)) _directions[1].Write(access.Function, offset, value);
    }

    internal void Start(EmbeddedDmaChannel channel) => Run(channel);

    internal void Work(Task work) => Watch(work);

    internal void Tell(int function) => Interrupt(function, StatusInterrupt);

    /// <summary>A level: rings are one until the interrupt is taken back.</summary>
    internal void Emulate(int function)
    {
        Counters.EmulatedInterrupts++;
        if (_emulated[function]) return;
        _emulated[function] = true;
        Interrupt(function, EmulatedInterrupt);
    }

    internal void TakeBack(int function) => _emulated[function] = false;

    private EmbeddedDmaChannel? ChannelAt(uint offset, out uint register)
    {
        var number = EmbeddedDmaRegisters.ChannelAt(offset, out var isWrite, out register);
        var channels = _directions[isWrite ? 0 : 1].Channels;
        return (uint)number < (uint)channels.Length ? channels[number] : null;
    }
}
