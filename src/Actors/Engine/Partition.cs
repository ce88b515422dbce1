namespace PcieFabric.Engine;

/// <summary>A part of the fabric that one sequential loop runs.</summary>
internal sealed class Partition(int index, IReadOnlyList<Channel> channels, PayloadDepot depot)
{
    private readonly List<Outbox> _inboxes = [];
    private readonly Dictionary<int, Outbox> _outboxes = [];
    private Channel[] _channels = [];

    /// <summary>The actor that has the message in hand; null while it is the observer's turn.</summary>
    private ActorCell? _receiving;

    /// <summary>The loop ends when so many messages have been delivered.</summary>
    private long _last;

    public int Index { get; } = index;
    public EventQueue Queue { get; } = new();
    public PayloadPool Payloads { get; } = new(depot);
    public IMessageObserver? Observer { get; private set; }
    public long NowPs { get; private set; }
    public long Delivered { get; private set; }

    /// <summary>When this partition has something to do next; <see cref="long.MaxValue"/> for never. Only between windows.</summary>
    public long NextPs
    {
        get
        {
            var next = Queue.IsEmpty ? long.MaxValue : Queue.Top.TimePs;
            foreach (var inbox in _inboxes) next = Math.Min(next, inbox.EarliestPs);
            return next;
        }
    }

    public Outbox OutboxTo(Partition other)
    {
        if (_outboxes.TryGetValue(other.Index, out var outbox)) return outbox;
        outbox = new Outbox();
        _outboxes.Add(other.Index, outbox);
        other._inboxes.Add(outbox);
        return outbox;
    }

    public void Add(IMessageObserver observer) => Observer = Observer is null ? observer : new ObserverPair(Observer, observer);

    /// <summary>Between windows: what was sent here in the last one can be read.</summary>
    public void ExchangeInboxes()
    {
        foreach (var inbox in _inboxes) inbox.Exchange();
    }

    /// <summary>Before the first run and after wiring anew.</summary>
    public void Seal()
    {
        if (_channels.Length != channels.Count) _channels = [.. channels];
    }

    /// <summary>Delivers what is due before <paramref name="horizonPs"/>, at most <paramref name="messages"/> of it.</summary>
    public void Run(long horizonPs, long messages = long.MaxValue)
    {
        foreach (var inbox in _inboxes) inbox.Empty();
        _last = messages == long.MaxValue ? long.MaxValue : Delivered + messages;
        while (true)
        {
            try
            {
                Loop(horizonPs);
                return;
            }
            catch (Exception e) when (_receiving is not null)
            {
                Supervise(e);
            }
        }
    }

    private void Loop(long horizonPs)
    {
        var queue = Queue;
        var channels = _channels;
        var observer = Observer;
        while (!queue.IsEmpty && Delivered < _last)
        {
            var next = queue.Top;
            if (next.TimePs >= horizonPs) return;
            var channel = channels[next.ChannelId];
            NowPs = next.TimePs;
            Delivered++;
            ref readonly var message = ref channel.Head;
            var cell = channel.Receiver;
            observer?.Delivered(in message, next.ChannelId, cell.Index);
            _receiving = cell;
            if (cell.Failure is null) cell.Actor.Receive(in message);
            else cell.Actor.ReceiveStopped(in message);
            _receiving = null;
            Finish(channel);
        }
    }

    /// <summary>Nothing overtakes the message in hand, as every message takes at least a picosecond; so its channel is still on top.</summary>
    private void Finish(Channel channel)
    {
        channel.RemoveHead();
        if (channel.IsEmpty || channel.HeadIsQueued()) Queue.Pop();
        else Queue.ReplaceTop(channel.Head.DeliveredAtPs);
    }

    private void Supervise(Exception e)
    {
        var channel = _channels[Queue.Top.ChannelId];
        var cell = channel.Receiver;
        _receiving = null;
        if (cell.OnFailure == SupervisorDirective.Escalate || cell.Failure is not null)
            throw new ActorFailedException(cell.Path, new SimTime(NowPs), channel.Head.Kind, e);
        cell.Failure = e;
        Finish(channel);
    }

    /// <summary>The loop ends after the message in hand.</summary>
    public void Stop() => _last = 0;

    public void SkipTo(long timePs) => NowPs = Math.Max(NowPs, timePs);
}
