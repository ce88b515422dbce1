using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.DmaEngines;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;
using PcieFabric.Links;
using PcieFabric.LocalDevices;
using PcieFabric.Memory;
using PcieFabric.Ports;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>Plays the controller, the bus behind it and the processor.</summary>
internal sealed class RigBus : Actor
{
    public const int CompletionInlet = 1, RequestInlet = 2, FirstInterruptInlet = 3;

    private readonly Queue<Action<RigBus>> _script = new();
    private ActorRef? _dma;

    public byte TagBits { get; init; }

    public byte[] Memory { get; } = new byte[DmaRig.BusBytes];

    /// <summary>Where memory starts on the bus.</summary>
    public const ulong Base = 0x12_3450_0000;

    /// <summary>From a read's arrival to its completion.</summary>
    public SimTime ReadLatency { get; set; } = SimTime.FromNanoseconds(500);

    public Func<Tlp, RigAnswer> Answer { get; set; } = _ => RigAnswer.Success;

    public List<(int Function, int Number)> Interrupts { get; } = [];

    /// <summary>DWs written outside memory: messages.</summary>
    public List<(ulong Address, uint Data)> Messages { get; } = [];

    /// <summary>Channels in the order of their requests, posted and not.</summary>
    public List<(int Channel, bool IsRead, long AtPs)> Requests { get; } = [];

    public uint Loaded { get; private set; }

    public SimTime At { get; set; }

    public void Connect(ActorRef dma, int functions)
    {
        _dma = dma;
        for (var i = 0; i < functions; i++) Do(i);

        void Do(int function) => this.Do(bus => bus.TellState(function, wasReset: false));
    }

    /// <summary>Runs code in the actor's next turn.</summary>
    public void Do(Action<RigBus> action)
    {
        _script.Enqueue(action);
        if (AttachedTo is not null) AttachedTo.Schedule(1, default);
    }

    public void TellState(int function, bool wasReset)
    {
        var message = Message.Of(MessageKind.FunctionState, new FunctionState(new Bdf(1, 0, function), 256, 512, 0, TagBits, 0, MayInitiate: !wasReset, wasReset));
        message.Detail = (uint)function;
        _dma!.Tell(in message, Context.NowPs + DmaRig.Latency.Picoseconds);
    }

    public void Store(LocalAccess access, uint[] values)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), values[i]);
        Tell(Tlp.MemoryWrite(new Bdf(0, 0, 0), LocalBus.Base + access.Offset, bytes, Context.Payloads), access.Detail);
    }

    public void Load(LocalAccess access) => Tell(Tlp.MemoryRead(new Bdf(0, 0, 0), 0, LocalBus.Base + access.Offset, 4), access.Detail);

    public override void Receive(ref readonly Message message)
    {
        while (_script.TryDequeue(out var action)) action(this);
        if (message.Kind == MessageKind.Interrupt) Interrupts.Add((message.Inlet - FirstInterruptInlet, message.Read<Interrupt>().Vector));
        if (message.Kind != MessageKind.Tlp) return;
        if (message.Inlet == CompletionInlet) Loaded = BinaryPrimitives.ReadUInt32LittleEndian(message.Tlp.Payload);
        else Take(in message.Tlp, new DeviceRequest(message.Detail));
        message.Tlp.Release(Context.Payloads);
    }

    private void Take(in Tlp request, DeviceRequest asked)
    {
        Requests.Add((asked.Channel, request.IsMemoryRead, Context.NowPs));
        var credits = Message.Of(MessageKind.CreditReturn, new CreditReturn(request.FlowControlClass, 1, CreditCounter.DataCredits(in request)));
        _dma!.Tell(in credits, Context.NowPs + DmaRig.Latency.Picoseconds);
        var answer = Answer(request);
        if (answer == RigAnswer.Refused && !request.IsMemoryRead)
        {
            var refused = Message.Of(MessageKind.DeviceRequestRefused, in asked);
            _dma.Tell(in refused, Context.NowPs + DmaRig.Latency.Picoseconds);
            return;
        }
        var isInside = request.Address >= Base && request.Address - Base + (ulong)request.LengthDw * 4 <= (ulong)Memory.Length;
        if (request.IsMemoryWrite)
        {
            if (isInside) WriteMemory(in request);
            else Messages.Add((request.Address, BinaryPrimitives.ReadUInt32LittleEndian(request.Payload)));
            return;
        }
        Complete(in request, isInside ? answer : RigAnswer.UnsupportedRequest, asked);
    }

    private void WriteMemory(in Tlp request)
    {
        for (var i = 0; i < request.LengthDw * 4; i++)
        {
            var enables = i < 4 ? request.FirstBe : i >= request.LengthDw * 4 - 4 ? request.LastBe : 15;
            if ((enables >> (i & 3) & 1) != 0) Memory[(int)(request.Address - Base) + i] = request.Payload[i];
        }
    }

    private void Complete(in Tlp request, RigAnswer answer, DeviceRequest asked)
    {
        if (answer == RigAnswer.Silence) return;
        if (answer is RigAnswer.UnsupportedRequest or RigAnswer.CompleterAbort or RigAnswer.Refused)
        {
            Tell(Tlp.CompletionFor(in request, new Bdf(0, 0, 0), answer == RigAnswer.CompleterAbort ? CompletionStatus.CompleterAbort : CompletionStatus.UnsupportedRequest), asked.Detail, ReadLatency);
            return;
        }
        foreach (var part in new CompletionSplitter(in request, 128, 128))
        {
            var completion = Tlp.CompletionWithData(in request, new Bdf(0, 0, 0), part.OffsetDw, part.LengthDw, Context.Payloads);
            Memory.AsSpan((int)(request.Address - Base) + part.OffsetDw * 4, part.LengthDw * 4).CopyTo(completion.WritablePayload);
            completion.IsPoisoned = answer == RigAnswer.Poisoned;
            Tell(completion, asked.Detail, ReadLatency);
        }
    }

    private void Tell(Tlp tlp, uint detail, SimTime after = default)
    {
        var message = Message.Of(in tlp, detail);
        _dma!.Tell(in message, Context.NowPs + DmaRig.Latency.Picoseconds + after.Picoseconds);
    }
}
