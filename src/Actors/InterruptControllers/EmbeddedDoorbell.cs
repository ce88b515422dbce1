using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.InterruptControllers;

/// <summary>
/// The interrupt emulation of DesignWare's eDMA, which Linux uses as a doorbell where an endpoint has no interrupt controller for messages: a write of any value to an interrupt
/// status register asserts the interrupt and starts no transfer, a write to a clear register takes it back (drivers/dma/dw-edma/dw-edma-v0-core.c). One address and one line for
/// each function, so that its doorbells cannot be told apart, and rings become one until the line is cleared.
/// <code>
/// 0x04c  WR_INT_STATUS  WO  ring          0x0a0  RD_INT_STATUS  WO  ring
/// 0x058  WR_INT_CLEAR   WO  take back     0x0ac  RD_INT_CLEAR   WO  take back
/// </code>
/// </summary>
public sealed class EmbeddedDoorbell : LocalDevice
{
    public const uint WriteStatus = 0x4C, WriteClear = 0x58, ReadStatus = 0xA0, ReadClear = 0xAC;

    private readonly bool[] _asserted;
    private readonly ActorRef?[] _software;
    private readonly long _latencyPs;

    public EmbeddedDoorbell(int functions, SimTime latency) : base(latency)
    {
        _latencyPs = latency.Picoseconds;
        _asserted = new bool[functions];
        _software = new ActorRef?[functions];
    }

    public RingCounters Counters { get; } = new();

    public void ConnectSoftware(int function, ActorRef software) => _software[function] = software;

    protected override uint ReadRegister(LocalAccess access, uint offset)
    {
        if (access.Source == LocalSource.Bar) Counters.Count(RingOutcome.Read);
        return 0;
    }

    protected override void WriteRegister(LocalAccess access, uint offset, uint value, int byteEnables)
    {
        if (byteEnables != 15) Counters.Count(RingOutcome.Partial);
        else if (offset is WriteStatus or ReadStatus) Counters.Count(Assert(access.Function));
        // The host could clear what it rang; that is its own loss.
        else if (offset is WriteClear or ReadClear) _asserted[access.Function] = false;
        else Counters.Count(RingOutcome.Foreign);
    }

    private RingOutcome Assert(int function)
    {
        if (_asserted[function]) return RingOutcome.Coalesced;
        _asserted[function] = true;
        var message = Message.Of(MessageKind.Interrupt, new Interrupt(0, IsLine: true, Asserted: true));
        _software[function]!.Tell(in message, Context.NowPs + _latencyPs);
        return RingOutcome.Delivered;
    }
}
