using System.Buffers.Binary;
using PcieFabric.Engine;
using PcieFabric.LocalDevices;

namespace PcieFabric.InterruptControllers;

/// <summary>
/// An interrupt message store (IMS): a doorbell is a register that never moves, and behind it stands a message that software may mask and change at any time. The message is
/// in the store's own page, or anywhere in the memory of the endpoint. A ring reads the message as it is at that moment and sends it to the interrupt controller; a masked ring
/// is pending, one bit as in MSI-X, and is sent once, as the message is by then, when the mask goes.
/// <code>
/// 0x00000  RING      WO  one DW for each doorbell of the function that writes; any value
/// 0x10000  MESSAGE   RW  processor: 16 bytes each, for those that are stored here
/// 0x20000  LOCATION  RW  processor: 8 bytes each; bit 0 set: in local memory, at the address in the bits above
/// 0x30000  PENDING   RO  processor: one bit each
/// 0x38000  SYNC      WO  processor: the message with this number was changed in memory; look at it
/// </code>
/// Functions see the same addresses and reach each its own: whose BAR was hit decides.
/// </summary>
public sealed class InterruptMessageStore : LocalDevice
{
    public const uint Ring = 0x00000, Messages = 0x10000, Locations = 0x20000, Pending = 0x30000, Sync = 0x38000;

    /// <summary>In a location: the message is in local memory.</summary>
    public const ulong InMemory = 1;

    private readonly MemoryRegion _local;
    private readonly ulong _translation;
    private readonly Doorbells[] _functions;
    private readonly long _latencyPs;
    private ActorRef? _interrupts;

    /// <param name="doorbells">Of each function.</param>
    /// <param name="translation">The local address where interrupt messages go.</param>
    /// <param name="latency">From a ring to its message.</param>
    public InterruptMessageStore(int functions, int doorbells, MemoryRegion local, ulong translation, SimTime latency) : base(latency)
    {
        (_local, _translation, _latencyPs) = (local, translation, latency.Picoseconds);
        _functions = [.. Enumerable.Range(0, functions).Select(_ => new Doorbells(doorbells))];
    }

    public RingCounters Counters { get; } = new();

    /// <summary>Doorbells of all functions that wait for their mask to go.</summary>
    public int PendingCount => _functions.Sum(function => function.Pending.Count(isPending => isPending));

    public void ConnectInterrupts(ActorRef interrupts) => _interrupts = interrupts;

    protected override uint ReadRegister(LocalAccess access, uint offset)
    {
        if (access.Source == LocalSource.Bar)
        {
            Counters.Count(RingOutcome.Read);
            return 0;
        }
        var function = _functions[access.Function];
        return offset switch
        {
            >= Pending and < Sync => function.PendingBits((int)(offset - Pending) * 8),
            >= Locations and < Pending when function.HasLocation(offset - Locations) => function.LocationHalf(offset - Locations),
            >= Messages and < Locations when function.HasMessage(offset - Messages) => BinaryPrimitives.ReadUInt32LittleEndian(function.Page.AsSpan((int)(offset - Messages))),
            _ => 0,
        };
    }

    protected override void WriteRegister(LocalAccess access, uint offset, uint value, int byteEnables)
    {
        var function = _functions[access.Function];
        var isProcessor = access.Source == LocalSource.Processor;
        if (byteEnables != 15) Counters.Count(RingOutcome.Partial);
        else if (offset < Messages) Counters.Count(RingAt(access.Function, offset / sizeof(uint)));
        else if (isProcessor && offset < Locations && function.HasMessage(offset - Messages)) WriteMessage(access.Function, offset - Messages, value);
        else if (isProcessor && offset is >= Locations and < Pending && function.HasLocation(offset - Locations)) function.LocationHalf(offset - Locations) = value;
        else if (isProcessor && offset == Sync && value < (uint)function.Pending.Length) Release(access.Function, (int)value);
        else Counters.Count(RingOutcome.Foreign);
    }

    private void WriteMessage(int function, uint at, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_functions[function].Page.AsSpan((int)at), value);
        // The control is the last DW of a message, so whoever writes a message whole changes it in one piece.
        if (at % StoredMessage.Bytes == StoredMessage.ControlOffset) Release(function, (int)at / StoredMessage.Bytes);
    }

    private RingOutcome RingAt(int number, uint doorbell)
    {
        var function = _functions[number];
        if (doorbell >= (uint)function.Pending.Length || !TryRead(function, (int)doorbell, out var message) || !message.IsInUse) return RingOutcome.Unknown;
        ref var pending = ref function.Pending[doorbell];
        if (!message.IsMasked)
        {
            // Software has unmasked it in memory and not said so yet: the two rings are one.
            if (pending) Counters.Count(RingOutcome.Coalesced);
            pending = false;
            return Send(number, message) ? RingOutcome.Delivered : RingOutcome.Misdirected;
        }
        if (pending) return RingOutcome.Coalesced;
        pending = true;
        return RingOutcome.Pending;
    }

    /// <summary>What was pending is sent, once, if its mask has gone; what is no longer in use is forgotten.</summary>
    private void Release(int number, int doorbell)
    {
        var function = _functions[number];
        ref var pending = ref function.Pending[doorbell];
        if (!pending || !TryRead(function, doorbell, out var message)) return;
        if (message.IsInUse && message.IsMasked) return;
        pending = false;
        if (message.IsInUse) Counters.Count(Send(number, message) ? RingOutcome.Delivered : RingOutcome.Misdirected);
        else Counters.Count(RingOutcome.Unknown);
    }

    /// <returns>False where the message is said to be where no memory is.</returns>
    private bool TryRead(Doorbells function, int doorbell, out StoredMessage message)
    {
        var location = function.Location[doorbell];
        var isHere = (location & InMemory) == 0;
        var address = location & ~InMemory;
        message = default;
        if (!isHere && address > (ulong)_local.SizeBytes - StoredMessage.Bytes) return false;
        message = StoredMessage.Read(isHere ? function.Page.AsSpan(doorbell * StoredMessage.Bytes) : _local.Span((long)address, StoredMessage.Bytes));
        return true;
    }

    private bool Send(int function, StoredMessage stored)
    {
        if (stored.Address != _translation) return false;
        Span<byte> data = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(data, stored.Data);
        var message = Message.Of(Tlp.MemoryWrite(default, stored.Address, data, Context.Payloads), new LocalAccess(LocalSource.Device, function, MessageInterruptController.Translation).Detail);
        _interrupts!.Tell(in message, Context.NowPs + _latencyPs);
        return true;
    }

    /// <summary>Of one function.</summary>
    private sealed class Doorbells(int count)
    {
        public byte[] Page { get; } = new byte[count * StoredMessage.Bytes];

        public ulong[] Location { get; } = new ulong[count];

        public bool[] Pending { get; } = new bool[count];

        public bool HasMessage(uint at) => at < (uint)Page.Length;

        public bool HasLocation(uint at) => at < (uint)Location.Length * sizeof(ulong);

        public ref uint LocationHalf(uint at) => ref System.Runtime.InteropServices.MemoryMarshal.Cast<ulong, uint>(Location.AsSpan())[(int)at / sizeof(uint)];

        public uint PendingBits(int from)
        {
            var bits = 0u;
            for (var i = 0; i < 32 && from + i < Pending.Length; i++)
                if (Pending[from + i]) bits |= 1u << i;
            return bits;
        }
    }
}
