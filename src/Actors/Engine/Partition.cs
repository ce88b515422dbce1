namespace PcieFabric.Engine;

/// <summary>A part of the fabric that one sequential loop runs.</summary>
internal sealed class Partition(int index, PayloadDepot depot)
{
    private readonly List<Outbox> _inboxes = [];
    private readonly Dictionary<int, Outbox> _outboxes = [];
    private Channel?[] _channels = [];
    private OwnCacheLine _clock;
    private long _safePs;

    private IMessageObserver? _always;
    private IMessageObserver? _atTimes;
    private ObservedTimes _times;

    /// <summary>The message in hand, out of its channel: the queue is at what comes next by then, which the processor can look up and fetch meanwhile.</summary>
    private Message _inHand;

    /// <summary>An actor has the message in hand, and not the observer.</summary>
    private bool _isReceiving;

    /// <summary>The loop ends when so many messages have been delivered.</summary>
    private long _last;

    public int Index { get; } = index;
    public EventQueue Queue { get; } = new();
    public PayloadPool Payloads { get; } = new(depot);
    public MessageSlots Slots { get; } = new();
    public TrainYard Trains { get; } = new();
    public long NowPs { get; private set; }
    public long Delivered { get; private set; }

    /// <summary>The number of the channel that the last message came on.</summary>
    public int ChannelInHand { get; private set; }

    /// <summary>Trains are faster, and nobody can tell: but who watches messages wants to see each.</summary>
    public bool AllowsTrains(ActorCell cell) => !IsExact && _always?.Watches(cell.Index) != true && _atTimes?.Watches(cell.Index) != true;

    /// <summary>No trains at all.</summary>
    public bool IsExact { get; set; }

    /// <summary>When this partition has something to do next, of all that came to it; <see cref="long.MaxValue"/> for never.</summary>
    public long NextPs => Math.Min(Trains.StopPs, Queue.TopPs);

    /// <summary>A time before which this partition delivers nothing any more, in picoseconds. All that it sent before can be read by who reads this.</summary>
    public long ClockPs => _clock.Value;

    /// <summary>The shortest way from here to another partition, in picoseconds; <see cref="long.MaxValue"/> without any.</summary>
    public long LookAheadPs => _outboxes.Count == 0 ? long.MaxValue : _outboxes.Values.Min(o => o.LookAheadPs);

    public Channel ChannelAt(int id) => _channels[id]!;

    /// <summary>Takes all out of a channel that ends here.</summary>
    public void Empty(Channel channel)
    {
        if (channel.IsEmpty) return;
        channel.Clear();
        Queue.RemoveAll(id => id == channel.ChannelId);
    }

    public Outbox OutboxTo(Partition other)
    {
        if (_outboxes.TryGetValue(other.Index, out var outbox)) return outbox;
        outbox = new Outbox(this);
        _outboxes.Add(other.Index, outbox);
        other._inboxes.Add(outbox);
        return outbox;
    }

    /// <param name="times">When it observes; null for always.</param>
    public void Add(IMessageObserver observer, ObservedTimes? times)
    {
        if (times is { } some)
        {
            if (_atTimes is not null && some != _times) throw new InvalidOperationException($"Invariant: observers of {_times} and of {some} on one engine");
            (_atTimes, _times) = (With(_atTimes, observer), some);
        }
        else
        {
            _always = With(_always, observer);
        }

        static IMessageObserver With(IMessageObserver? first, IMessageObserver second) => first is null ? second : new ObserverPair(first, second);
    }

    /// <summary>Before the first run and after wiring anew.</summary>
    /// <param name="channels">By number; null where nobody has used one that is reserved.</param>
    public void Seal(Channel?[] channels) => _channels = channels;

    /// <summary>
    /// While none runs: brings all letters to their receivers, and sets each clock to when its partition can have something to do at the earliest, even if
    /// that is far from now. Clocks that advance past each other's alone get there in steps of a look-ahead.
    /// </summary>
    public static void Settle(IReadOnlyList<Partition> all)
    {
        foreach (var partition in all)
            foreach (var outbox in partition._outboxes.Values) outbox.Send();
        foreach (var partition in all)
        {
            foreach (var inbox in partition._inboxes) inbox.Empty(partition._channels);
            partition._clock.Value = partition.NextPs;
        }
        for (var isSettled = false; !isSettled;)
        {
            isSettled = true;
            foreach (var partition in all)
            {
                var arrivalPs = partition.NextArrivalPs();
                if (arrivalPs >= partition.ClockPs) continue;
                partition._clock.Value = arrivalPs;
                isSettled = false;
            }
        }
    }

    /// <summary>Takes in what was sent here, and looks how far this partition may go; where nothing is due by then, its clock does.</summary>
    /// <returns>Something is due, and a <see cref="Step"/> is to follow.</returns>
    public bool Prepare(long endPs)
    {
        _safePs = endPs;
        foreach (var inbox in _inboxes)
        {
            // The clock first: what was sent before it can be read then.
            _safePs = Math.Min(_safePs, inbox.NextArrivalPs);
            inbox.Empty(_channels);
        }
        if (NextPs < _safePs) return true;
        if (_safePs > ClockPs) _clock.Value = _safePs;
        return false;
    }

    /// <summary>Delivers what is due before anything that may still come, or some of it, and sets the clock.</summary>
    public void Step()
    {
        Run(_safePs, _outboxes.Count == 0 ? long.MaxValue : EngineLimits.MessagesPerStep);
        foreach (var outbox in _outboxes.Values) outbox.Send();
        _clock.Value = Math.Min(_safePs, NextPs);
    }

    private long NextArrivalPs()
    {
        var nextPs = long.MaxValue;
        foreach (var inbox in _inboxes) nextPs = Math.Min(nextPs, inbox.NextArrivalPs);
        return nextPs;
    }

    /// <summary>Delivers what is due before <paramref name="horizonPs"/>, at most <paramref name="messages"/> of it.</summary>
    public void Run(long horizonPs, long messages = long.MaxValue)
    {
        _last = messages == long.MaxValue ? long.MaxValue : Delivered + messages;
        while (true)
        {
            try
            {
                Loop(horizonPs);
                Queue.Trim();
                Slots.Trim(busyChannels: Queue.Count);
                return;
            }
            catch (Exception e) when (_isReceiving)
            {
                Supervise(e);
            }
        }
    }

    private void Loop(long horizonPs)
    {
        var everything = _always is null || _atTimes is null ? _always ?? _atTimes : new ObserverPair(_always, _atTimes);
        while (Delivered < _last && NextPs is var nextPs && nextPs < horizonPs)
        {
            if (_atTimes is null || _times.Contains(nextPs)) Deliver(Math.Min(horizonPs, _times.NextChange(nextPs)), everything);
            else Deliver(Math.Min(horizonPs, _times.NextChange(nextPs)), _always);
        }
    }

    private void Deliver(long horizonPs, IMessageObserver? observer)
    {
        var queue = Queue;
        var channels = _channels;
        var trains = Trains;
        while (Delivered < _last)
        {
            var nextPs = queue.TopSoonPs;
            if (nextPs >= queue.WaitingPs || nextPs >= Math.Min(horizonPs, trains.StopPs))
            {
                if (queue.TryBringIn(Math.Min(horizonPs, trains.StopPs), channels)) continue;
                if (trains.StopPs >= horizonPs) return;
                trains.EndDue();
                continue;
            }
            var channelId = queue.TopSoonChannelId;
            var channel = channels[channelId]!;
            var cell = channel.Receiver;
            var actor = cell.Ready;
            if (actor is null && cell.Train is { } train)
            {
                trains.Dissolve(train, nextPs);
                continue;
            }
            channel.TakeHead(out _inHand);
            if (channel.IsEmpty || channel.HeadIsQueued()) queue.Pop();
            else queue.ReplaceTop(channel.Head.DeliveredAtPs);
            (NowPs, ChannelInHand) = (nextPs, channelId);
            Delivered++;
            observer?.Delivered(in _inHand, channelId, cell.Index);
            _isReceiving = true;
            if (actor is not null) actor.Receive(in _inHand);
            else cell.Actor.ReceiveStopped(in _inHand);
            _isReceiving = false;
            if (trains.Candidate is not null) trains.LetDepart(nextPs);
        }
    }

    private void Supervise(Exception e)
    {
        var cell = _channels[ChannelInHand]!.Receiver;
        _isReceiving = false;
        if (cell.OnFailure == SupervisorDirective.Escalate || cell.Failure is not null)
            throw new ActorFailedException(cell.Path, new SimTime(NowPs), _inHand.Kind, e);
        cell.Failure = e;
        // It goes by no train any more, but what it asked for before it failed does go.
        if (Trains.Candidate is not null) Trains.LetDepart(NowPs);
    }

    /// <summary>The loop ends after the message in hand.</summary>
    public void Stop() => _last = 0;

    public void SkipTo(long timePs) => NowPs = Math.Max(NowPs, timePs);
}
