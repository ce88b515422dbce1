using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.InterruptControllers;

/// <summary>
/// The interrupt controller of an endpoint, after the ITS of GICv3: a write to its translation register is a message-signalled interrupt. Who writes says which
/// table is looked at, the data which event in it; the function is known from the BAR that was hit, so no data makes one function's message another's.
/// <code>
/// 0x00000  MAP          WO  processor: the event of the writer's own table is an interrupt from now on
/// 0x00004  UNMAP        WO  processor: it is none any more
/// 0x10040  TRANSLATION  WO  event; the place of GITS_TRANSLATER, on a page of its own
/// </code>
/// </summary>
public sealed class MessageInterruptController : LocalDevice
{
    public const uint Map = 0x00000, Unmap = 0x00004, Translation = 0x10040;

    private readonly bool[][] _mapped;
    private readonly ActorRef?[] _software;
    private readonly long _latencyPs;

    /// <param name="events">Of each function.</param>
    /// <param name="latency">From a message to its interrupt.</param>
    public MessageInterruptController(int functions, int events, SimTime latency) : base(latency)
    {
        _latencyPs = latency.Picoseconds;
        _mapped = [.. Enumerable.Range(0, functions).Select(_ => new bool[events])];
        _software = new ActorRef?[functions];
    }

    public RingCounters Counters { get; } = new();

    /// <summary>Events that are mapped at the moment, of all functions.</summary>
    public int Mapped => _mapped.Sum(table => table.Count(isMapped => isMapped));

    public void ConnectSoftware(int function, ActorRef software) => _software[function] = software;

    protected override uint ReadRegister(LocalAccess access, uint offset)
    {
        if (access.Source == LocalSource.Bar) Counters.Count(RingOutcome.Read);
        return 0;
    }

    protected override void WriteRegister(LocalAccess access, uint offset, uint value, int byteEnables)
    {
        if (byteEnables != 15) Counters.Count(RingOutcome.Partial);
        else if (offset == Translation) Counters.Count(Translate(access.Function, value));
        else if (access.Source == LocalSource.Processor && offset is Map or Unmap && value < (uint)_mapped[access.Function].Length) _mapped[access.Function][value] = offset == Map;
        else Counters.Count(RingOutcome.Foreign);
    }

    private RingOutcome Translate(int function, uint id)
    {
        var table = _mapped[function];
        if (id >= (uint)table.Length || !table[id]) return RingOutcome.Unknown;
        var message = Message.Of(MessageKind.Interrupt, new Interrupt((int)id, IsLine: false, Asserted: true));
        _software[function]!.Tell(in message, Context.NowPs + _latencyPs);
        return RingOutcome.Delivered;
    }
}
