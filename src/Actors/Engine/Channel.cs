using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>A channel of the deterministic engine: a ring of messages, sorted by time, without memory while it is empty and has never held two.</summary>
internal sealed class Channel : ActorRef
{
    private readonly Outbox? _outbox;
    private readonly long _lookAheadPs;
    private readonly ushort _inlet;

    private readonly Actor _actor;
    private Message[] _ring = [];
    private int _head;
    private int _count;

    /// <summary>Times of heads that earlier messages displaced: their entries wait in the queue already. The last is the earliest.</summary>
    private Stack<long>? _displaced;

    public Channel(int id, ActorCell sender, ActorCell receiver, int inlet, long lookAheadPs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lookAheadPs, 1);
        ChannelId = id;
        Sender = sender;
        Receiver = receiver;
        _actor = receiver.Actor;
        _outbox = sender.Partition == receiver.Partition ? null : sender.Partition.OutboxTo(receiver.Partition);
        _outbox?.Carry(lookAheadPs);
        _lookAheadPs = lookAheadPs;
        _inlet = checked((ushort)inlet);
    }

    public override int ChannelId { get; }

    public ActorCell Sender { get; }

    public ActorCell Receiver { get; }

    public int Inlet => _inlet;

    public long LookAheadPs => _lookAheadPs;

    public bool IsEmpty => _count == 0;

    public ref readonly Message Head => ref _ring[_head];

    public override void Tell(in Message message, long deliverAtPs)
    {
        if (deliverAtPs < Sender.Partition.NowPs + _lookAheadPs) ThrowTooEarly(deliverAtPs);
        if (_outbox is null) Enqueue(in message, deliverAtPs);
        else _outbox.Add(ChannelId, in message, deliverAtPs);
    }

    public override void Tell(in Tlp tlp, uint detail, long deliverAtPs)
    {
        if (deliverAtPs < Sender.Partition.NowPs + _lookAheadPs) ThrowTooEarly(deliverAtPs);
        if (_outbox is null) Place(deliverAtPs).Put(in tlp, detail);
        else _outbox.Add(ChannelId, in tlp, detail, deliverAtPs);
    }

    /// <summary>On the receiver's thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enqueue(in Message message, long deliverAtPs)
    {
        ref var slot = ref Place(deliverAtPs);
        slot.Kind = message.Kind;
        slot.Detail = message.Detail;
        slot.Tlp = message.Tlp;
    }

    /// <summary>Room for a message, with all that the channel itself knows of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Message Place(long deliverAtPs)
    {
        if (_count == _ring.Length) Grow();
        var mask = _ring.Length - 1;
        var at = _head + _count;
        ref var slot = ref _ring[at & mask];
        if (_count > 0 && _ring[(at - 1) & mask].DeliveredAtPs > deliverAtPs)
        {
            slot = ref MakeRoom(deliverAtPs);
        }
        else if (_count++ == 0)
        {
            Receiver.Partition.Queue.Push(deliverAtPs, ChannelId);
        }
        slot.DeliveredAtPs = deliverAtPs;
        slot.Inlet = _inlet;
        return ref slot;
    }

    /// <summary>Messages in it.</summary>
    public int Count => _count;

    /// <summary>All that it holds came in the order of time, so that its one entry in the queue is its head's.</summary>
    public bool IsInOrder => _displaced is not { Count: > 0 };

    /// <param name="index">From the head on.</param>
    public ref readonly Message this[int index] => ref _ring[(_head + index) & (_ring.Length - 1)];

    /// <summary>Forgets all that it holds; its entry in the queue is for the caller to remove.</summary>
    public void Clear() => _count = 0;

    /// <summary>Where the head is, or will be read from; only to be fetched ahead.</summary>
    public Message[] Ring => _ring;

    /// <summary>The receiver's, but for one that stands in; only to be fetched ahead.</summary>
    public Actor Actor => _actor;

    /// <summary>Takes the head out, whose place is free for another then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TakeHead(out Message message)
    {
        var ring = _ring;
        message = ring[_head];
        _head = (_head + 1) & (ring.Length - 1);
        if (--_count > 0 || ring.Length > 1) return;
        Receiver.Partition.Slots.Return(ring);
        _ring = [];
    }

    /// <summary>The head came back to the top, as the message that had displaced it is gone: its entry is still in the queue.</summary>
    public bool HeadIsQueued()
    {
        if (_displaced is not { Count: > 0 } || _displaced.Peek() != Head.DeliveredAtPs) return false;
        _displaced.Pop();
        return true;
    }

    /// <summary>An alarm that is due before others that were set earlier: shifts those back by one.</summary>
    private ref Message MakeRoom(long deliverAtPs)
    {
        var mask = _ring.Length - 1;
        var at = _count++;
        while (at > 0 && _ring[(_head + at - 1) & mask].DeliveredAtPs > deliverAtPs)
        {
            _ring[(_head + at) & mask] = _ring[(_head + at - 1) & mask];
            at--;
        }
        if (at == 0)
        {
            (_displaced ??= new()).Push(_ring[(_head + 1) & mask].DeliveredAtPs);
            Receiver.Partition.Queue.Push(deliverAtPs, ChannelId);
        }
        return ref _ring[(_head + at) & mask];
    }

    private void Grow()
    {
        if (_ring.Length >= EngineLimits.MaxMessagesPerChannel)
            throw new InvalidOperationException($"Invariant: {Sender.Path} → {Receiver.Path} holds {_count} messages; flow control should have stopped the sender");
        var ring = _ring.Length == 0 ? Receiver.Partition.Slots.Rent() : new Message[_ring.Length * 2];
        for (var i = 0; i < _count; i++) ring[i] = _ring[(_head + i) & (_ring.Length - 1)];
        _ring = ring;
        _head = 0;
    }

    private void ThrowTooEarly(long deliverAtPs) => throw new InvalidOperationException(
        $"Invariant: {Sender.Path} → {Receiver.Path} promised a look-ahead of {_lookAheadPs} ps and sent at {Sender.Partition.NowPs} ps for {deliverAtPs} ps");
}
