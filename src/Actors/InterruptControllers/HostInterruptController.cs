using System.Buffers.Binary;
using PcieFabric.Engine;

namespace PcieFabric.InterruptControllers;

/// <summary>
/// A host's interrupt controller: memory writes to its window are message-signalled interrupts, as on x86 (address bits 19:12 name the
/// destination, data bits 7:0 the vector), and INTx messages drive level-triggered lines, four for each root port.
/// </summary>
public sealed class HostInterruptController : Actor
{
    /// <summary>Where hosts decode interrupt messages.</summary>
    public static readonly AddressRange Window = new(0xFEE0_0000, 1 << 20);

    public const int Vectors = 1 << 16;

    private readonly long _latencyPs;
    private readonly Dictionary<int, bool> _lines = [];
    private ActorRef? _processor;

    public HostInterruptController(SimTime latency) => _latencyPs = latency.Picoseconds;

    public long MessagesReceived { get; private set; }

    /// <summary>Writes to the window that are no interrupt message: not one DW, poisoned.</summary>
    public long Rejected { get; private set; }

    public static ulong AddressOf(int vector) => Window.Base | (ulong)(vector >> 8) << 12;

    public static uint DataOf(int vector) => (uint)vector & 0xFF;

    public void Connect(ActorRef processor) => _processor = processor;

    public override void Receive(ref readonly Message message)
    {
        if (message.Kind != MessageKind.Tlp) throw new InvalidOperationException($"Invariant: an interrupt controller got a {message.Kind}");
        ref readonly var tlp = ref message.Tlp;
        if (tlp.IsMessage) DriveLine(message.Inlet, (MessageCode)tlp.MessageCode);
        else if (tlp.IsMemoryWrite && tlp.LengthDw == 1 && !tlp.IsPoisoned) Signal(in tlp);
        else Rejected++;
        tlp.Release(Context.Payloads);
    }

    private void Signal(ref readonly Tlp tlp)
    {
        MessagesReceived++;
        var destination = (int)(tlp.Address - Window.Base) >> 12;
        var vector = destination << 8 | (int)(BinaryPrimitives.ReadUInt32LittleEndian(tlp.Payload) & 0xFF);
        Tell(new Interrupt(vector, IsLine: false, Asserted: true));
    }

    private void DriveLine(int inlet, MessageCode code)
    {
        var asserted = code < MessageCode.Deassert_INTA;
        var line = inlet * 4 + (code - (asserted ? MessageCode.Assert_INTA : MessageCode.Deassert_INTA));
        if (_lines.GetValueOrDefault(line) == asserted) return;
        _lines[line] = asserted;
        Tell(new Interrupt(line, IsLine: true, asserted));
    }

    private void Tell(Interrupt interrupt)
    {
        var message = Message.Of(MessageKind.Interrupt, in interrupt);
        _processor!.Tell(in message, Context.NowPs + _latencyPs);
    }
}
