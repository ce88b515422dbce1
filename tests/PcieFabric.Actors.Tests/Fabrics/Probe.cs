using PcieFabric.EndpointFunctions;
using PcieFabric.Requests;

namespace PcieFabric.Actors.Tests.Fabrics;

/// <summary>A function whose behaviour a test writes: BAR 0 holds its registers, a write to one starts code, everything that a function can do is open.</summary>
internal sealed class Probe : EndpointFunction
{
    /// <summary>Runs beside the function at each write of a register: offset and value.</summary>
    public Func<ulong, uint, Task>? Doorbell { get; set; }

    public Func<ulong, uint> Register { get; set; } = static offset => 0xA500_0000 | (uint)offset;

    public Func<Task>? Program { get; set; }

    public List<(ulong Offset, uint Value, int ByteEnables, SimTime At)> Writes { get; } = [];

    public List<(ulong Offset, SimTime At)> Reads { get; } = [];

    public int Resets { get; private set; }

    /// <summary>For requests with attributes and AtomicOps.</summary>
    public Requester Requester { get; set; } = null!;

    /// <summary>For payloads of TLPs that a test makes.</summary>
    public Memory.PayloadPool Payloads { get; set; } = null!;

    public SimTime Time => Now;

    public PcieFabric.Engine.DeterministicRandom Dice => Random;

    public ValueTask<RequestResult> Read(ulong address, Memory<byte> into) => DmaReadAsync(address, into);

    public ValueTask<RequestResult> Write(ulong address, Memory<byte> from) => DmaWriteAsync(address, from);

    public ValueTask Delay(SimTime time) => DelayAsync(time);

    public void Interrupt(int vector) => RaiseInterrupt(vector);

    public void Line(bool asserted) => SetInterruptLine(asserted);

    public void Limit(int requests) => LimitOutstanding(requests);

    public void Begin(Func<Task> code) => Start(code);

    protected internal override bool OwnsBar(int bar) => bar == 0;

    protected internal override uint ReadRegister(int bar, ulong offset)
    {
        Reads.Add((offset, Now));
        return Register(offset);
    }

    protected internal override void WriteRegister(int bar, ulong offset, uint value, int byteEnables)
    {
        Writes.Add((offset, value, byteEnables, Now));
        if (Doorbell is { } doorbell) Start(() => doorbell(offset, value));
    }

    protected internal override Task RunAsync() => Program?.Invoke() ?? Task.CompletedTask;

    protected internal override void Reset() => Resets++;
}
