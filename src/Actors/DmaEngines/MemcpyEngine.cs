using System.Buffers.Binary;
using PcieFabric.LocalDevices;

namespace PcieFabric.DmaEngines;

/// <summary>
/// A DMA engine that copies from local address to local address: memory, or the bus through an outbound window of the function. Each function has a channel and registers of its
/// own. The end of a copy interrupts its software.
/// </summary>
public sealed class MemcpyEngine : DmaEngine
{
    private readonly int _functions;
    private readonly byte[] _registers;

    public MemcpyEngine(DmaEngineSettings settings)
        : base(settings)
    {
        _functions = settings.Functions;
        _registers = new byte[settings.Functions * MemcpyRegisters.Bytes];
    }

    /// <summary>Copies that came to their end.</summary>
    public long Done { get; private set; }

    public long Failed { get; private set; }

    protected override void Started() => MakeChannels(_functions);

    protected override uint ReadRegister(LocalAccess access, uint offset) =>
        offset < MemcpyRegisters.Bytes ? BinaryPrimitives.ReadUInt32LittleEndian(Registers(access.Function)[(int)offset..]) : 0;

    protected override void WriteRegister(LocalAccess access, uint offset, uint value, int byteEnables)
    {
        if (byteEnables != 15) return;
        var status = StatusOf(access.Function);
        if (offset < MemcpyRegisters.Control && status != MemcpyStatus.Running) BinaryPrimitives.WriteUInt32LittleEndian(Registers(access.Function)[(int)offset..], value);
        else if (offset == MemcpyRegisters.Control && value == MemcpyRegisters.Stop && status == MemcpyStatus.Running) Channels[access.Function].Stop();
        else if (offset == MemcpyRegisters.Control && value == MemcpyRegisters.Start && status != MemcpyStatus.Running) Start(access.Function);
    }

    private Span<byte> Registers(int function) => _registers.AsSpan(function * MemcpyRegisters.Bytes, MemcpyRegisters.Bytes);

    private MemcpyStatus StatusOf(int function) => (MemcpyStatus)Registers(function)[(int)MemcpyRegisters.Status];

    private void SetStatus(int function, MemcpyStatus status, DmaError error = DmaError.None) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Registers(function)[(int)MemcpyRegisters.Status..], (uint)status | (uint)error << 8);

    private void Start(int function)
    {
        SetStatus(function, MemcpyStatus.Running);
        Run(new Beginning(this, function));
    }

    private async Task CopyAsync(int function)
    {
        var channel = Channels[function];
        channel.Begin(function, StateOf(function));
        var error = await channel.MoveAsync(Address(MemcpyRegisters.Source), Address(MemcpyRegisters.Target), BinaryPrimitives.ReadUInt32LittleEndian(Registers(function)[(int)MemcpyRegisters.Size..]));
        if (error == DmaError.None) Done++;
        else Failed++;
        SetStatus(function, error == DmaError.None ? MemcpyStatus.Done : MemcpyStatus.Failed, error);
        Interrupt(function, StatusInterrupt);

        DmaAddress Address(uint register) => new(BinaryPrimitives.ReadUInt64LittleEndian(Registers(function)[(int)register..]), IsOnBus: false);
    }

    private sealed class Beginning(MemcpyEngine engine, int function) : Engine.ActorSynchronizationContext.IAwaited
    {
        public void Resume() => engine.Watch(engine.CopyAsync(function));
    }
}
