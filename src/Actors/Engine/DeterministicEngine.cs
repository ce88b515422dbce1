namespace PcieFabric.Engine;

/// <summary>
/// Runs actors in virtual time. Every actor receives its messages in the order (time, channel, place in the channel), whatever the
/// number of partitions and threads: a partition goes no further than those that send to it are, and the look-ahead of the way from there.
/// </summary>
public sealed class DeterministicEngine : IActorEngine, IDisposable
{
    private readonly ulong _seed;
    private readonly PayloadDepot _depot = new();
    private readonly List<ActorCell?> _cells = [];
    private HashSet<string>? _paths = [];
    private readonly List<Reservation> _reservations = [];
    private Channel?[] _channels = new Channel?[64];
    private int _channelCount;
    private bool _areAllMade;
    private readonly Partition[] _partitions;

    /// <summary>Its threads sleep between runs, as making new ones takes longer than some runs do.</summary>
    private PartitionTeam? _team;

    private Action<SimTime>? _observersTurnEnded;
    private long _turnPs = EngineLimits.FirstTurnPs;
    private volatile bool _isStopped;

    /// <summary>Where a run was when it was stopped: everything before has been delivered.</summary>
    private long _stoppedPs;

    public DeterministicEngine(ulong seed = 1, int partitions = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions, EngineLimits.MaxPartitions);
        _seed = seed;
        _partitions = [.. Enumerable.Range(0, partitions).Select(i => new Partition(i, _depot))];
    }

    public int Partitions => _partitions.Length;

    public ulong Seed => _seed;

    /// <summary>How many there are, made or reserved.</summary>
    internal int Actors => _cells.Count;

    /// <summary>All of them: those that are reserved are made for it.</summary>
    internal IReadOnlyList<ActorCell> Cells
    {
        get
        {
            MakeAll();
            return _cells!;
        }
    }

    /// <inheritdoc cref="Cells"/>
    internal IReadOnlyList<Channel> Channels
    {
        get
        {
            MakeAll();
            return new ArraySegment<Channel>(_channels!, 0, _channelCount);
        }
    }

    public IReadOnlyList<ActorPath> Paths => [.. Enumerable.Range(0, _cells.Count).Select(PathOf)];

    /// <summary>Messages delivered so far.</summary>
    public long Delivered => _partitions.Sum(p => p.Delivered);

    /// <summary>Of these, what the busiest partition delivered: no number of threads is faster than that one is alone.</summary>
    public long DeliveredByBusiest => _partitions.Max(p => p.Delivered);

    /// <summary>Channels that wait in the queues; a channel whose head was displaced waits for that too.</summary>
    internal int QueueEntries => _partitions.Sum(p => p.Queue.Count);

    /// <summary>Payload blocks that somebody still holds. Zero when the fabric is at rest, or a payload leaked.</summary>
    public long PayloadsOutstanding => _partitions.Sum(p => p.Payloads.Outstanding);

    /// <summary>The time of the last message delivered, or the end of a run that had one, if that is later.</summary>
    public SimTime Now
    {
        get
        {
            var nowPs = long.MinValue;
            foreach (var partition in _partitions) nowPs = Math.Max(nowPs, partition.NowPs);
            return new SimTime(nowPs);
        }
    }

    /// <summary>When there is something to deliver next; <see cref="SimTime.Never"/> if there is not. Between runs.</summary>
    public SimTime Next
    {
        get
        {
            // What was sent from outside since the run waits on its way too.
            Seal();
            if (_partitions.Length > 1) Partition.Settle(_partitions);
            var nextPs = long.MaxValue;
            foreach (var partition in _partitions) nextPs = Math.Min(nextPs, partition.NextPs);
            return new SimTime(nextPs);
        }
    }

    /// <summary>Actors that a supervisor stopped, and why.</summary>
    public IEnumerable<(ActorPath Path, Exception Failure)> Stopped =>
        _cells.OfType<ActorCell>().Where(c => c.Failure is not null).Select(c => (c.Path, c.Failure!));

    public void Spawn(Props props)
    {
        _paths ??= [.. Paths.Select(p => p.Value)];
        if (!_paths.Add(props.Path.Value)) throw new InvalidOperationException($"Invariant: two actors at {props.Path}");
        _cells.Add(null);
        SpawnAt(_cells.Count - 1, TakeChannels(1), props);
    }

    internal void SpawnAt(int actor, int channelToItself, Props props)
    {
        var cell = new ActorCell(actor, props, _partitions[props.Partition % _partitions.Length], _seed);
        _cells[actor] = cell;
        cell.UseForItself(Connect(channelToItself, cell, cell, 0, SimTimeOfOne));
        props.Actor.Attach(cell);
    }

    public ActorRef Connect(Actor sender, Actor receiver, int inlet, SimTime lookAhead) => ConnectAt(TakeChannels(1), sender, receiver, inlet, lookAhead);

    internal Channel ConnectAt(int channel, Actor sender, Actor receiver, int inlet, SimTime lookAhead) =>
        Connect(channel, CellOf(sender), CellOf(receiver), inlet, lookAhead);

    /// <summary>Takes the numbers of actors that may never be made, as if they were spawned and wired now.</summary>
    /// <inheritdoc cref="Reservation(DeterministicEngine, int, int, int, int, Func{int, string}, Action{int, IActorEngine})"/>
    internal Reservation Reserve(int actors, int channelsEach, Func<int, string> path, Action<int, IActorEngine> make)
    {
        var reservation = new Reservation(this, _cells.Count, actors, TakeChannels(actors * channelsEach), channelsEach, path, make);
        for (var i = 0; i < actors; i++) _cells.Add(null);
        _reservations.Add(reservation);
        _areAllMade = false;
        return reservation;
    }

    internal ActorPath PathOf(int actor) => _cells[actor]?.Path ?? new ActorPath(ReservationOf(actor).PathOf(actor));

    internal ActorCell CellAt(int actor)
    {
        if (_cells[actor] is null) ReservationOf(actor).Make(actor);
        return _cells[actor]!;
    }

    /// <summary>Who sends on a channel, and who receives.</summary>
    public (ActorPath Sender, ActorPath Receiver) Ends(int channelId)
    {
        if (_channels[channelId] is null) CellAt(_reservations.Find(r => r.HasChannel(channelId))!.ActorOfChannel(channelId));
        return (_channels[channelId]!.Sender.Path, _channels[channelId]!.Receiver.Path);
    }

    private void MakeAll()
    {
        if (_areAllMade) return;
        _areAllMade = true;
        foreach (var reservation in _reservations)
            for (var actor = reservation.FirstActor; actor < reservation.FirstActor + reservation.Actors; actor++) CellAt(actor);
    }

    /// <summary>Reservations are in the order of their numbers.</summary>
    private Reservation ReservationOf(int actor)
    {
        var (low, high) = (0, _reservations.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (_reservations[middle].FirstActor > actor) high = middle - 1;
            else low = middle;
        }
        return _reservations[low];
    }

    private int TakeChannels(int count)
    {
        var first = _channelCount;
        _channelCount += count;
        if (_channelCount > _channels.Length) Array.Resize(ref _channels, Math.Max(_channelCount, _channels.Length * 2));
        return first;
    }

    /// <summary>Adds an observer to each partition, asked for once; they see all messages from then on, or those of some times.</summary>
    /// <param name="times">Null for always.</param>
    /// <param name="turnEnded">As for <see cref="Run"/>, of all runs. What it throws ends the run and blames no actor.</param>
    public void Observe(Func<int, IMessageObserver> observerOfPartition, Action<SimTime>? turnEnded = null, ObservedTimes? times = null)
    {
        foreach (var partition in _partitions) partition.Add(observerOfPartition(partition.Index), times);
        _observersTurnEnded += turnEnded;
    }

    /// <summary>
    /// Puts another actor into the place of one that is wired, before the engine first runs: it gets what is sent there, and sends on the channels from there.
    /// The alarms that the former one set when it was spawned go to it too.
    /// </summary>
    public void StandIn(ActorPath path, Actor actor)
    {
        var cell = Cells.FirstOrDefault(c => c.Path == path) ?? throw new InvalidOperationException($"Invariant: no actor at {path}");
        if (Delivered > 0) throw new InvalidOperationException($"Invariant: {path} has a part in a run that has begun");
        cell.Actor = actor;
        actor.Attach(cell);
    }

    /// <summary>The channels on which the actor at a place sends, in the order of wiring.</summary>
    internal IEnumerable<Channel> ChannelsFrom(ActorPath path) => Channels.Where(c => c.Sender.Path == path);

    /// <summary>Every TLP is a message of its own; otherwise bulk transfers may travel as trains, which only the clock on the wall can tell.</summary>
    public bool IsExact
    {
        get => _partitions[0].IsExact;
        set
        {
            foreach (var partition in _partitions) partition.IsExact = value;
        }
    }

    /// <inheritdoc cref="EngineLimits.LeastToShare"/>
    internal int LeastToShare { get; set; } = EngineLimits.LeastToShare;

    /// <summary>Trains that departed so far.</summary>
    public long Trains => _partitions.Sum(p => p.Trains.Departed);

    /// <summary>Of these, how often one went on that had come to the end of a transfer before.</summary>
    internal long TrainsGoneOn => _partitions.Sum(p => p.Trains.GoneOn);

    /// <summary>Requests of trains that were not followed one by one, as they did what others had done before.</summary>
    public long TrainRequestsSkipped => _partitions.Sum(p => p.Trains.Skipped);

    /// <summary>
    /// Delivers something from outside on an actor's channel, as if the channel's sender had sent it. Between runs, and in the order of the times.
    /// </summary>
    /// <param name="message">Copied. A payload that it refers to changes owner; it is of <see cref="PayloadsOf"/> the channel.</param>
    /// <param name="at">Not before <see cref="Now"/>; for a run to be repeatable, after all that has been delivered.</param>
    public void Inject(ActorRef channel, in Message message, SimTime at)
    {
        if (at < Now) throw new InvalidOperationException($"Invariant: an input of {at} comes at {Now}");
        ((Channel)channel).Enqueue(in message, at.Picoseconds);
    }

    /// <summary>Where what is injected on a channel has its payload from.</summary>
    public static PayloadPool PayloadsOf(ActorRef channel) => ((Channel)channel).Receiver.Payloads;

    /// <summary>
    /// Ends the run, to be called by what is inside it: a lone partition after the message in hand, several at the end of their turn. What is left to deliver is left to the next run.
    /// </summary>
    public void Stop()
    {
        _isStopped = true;
        if (_partitions.Length == 1) _partitions[0].Stop();
    }

    /// <summary>Runs until nothing is left to deliver, or to just before <paramref name="until"/>, or until <see cref="Stop"/>.</summary>
    /// <param name="threads">At most one for each partition is used.</param>
    /// <param name="turnEnded">Called between turns, with a time that all partitions have passed; no actor runs meanwhile.</param>
    /// <exception cref="ActorFailedException">An actor threw and its supervisor escalated.</exception>
    public void Run(SimTime? until = null, int threads = 1, Action<SimTime>? turnEnded = null, CancellationToken cancellation = default)
    {
        var endPs = (until ?? SimTime.Never).Picoseconds;
        Seal();
        // Only spawning needs it, which is over as a rule.
        _paths = null;
        turnEnded = _observersTurnEnded + turnEnded;
        _isStopped = false;
        try
        {
            if (_partitions.Length == 1) RunAlone(_partitions[0], endPs, turnEnded, cancellation);
            else RunTogether(endPs, Math.Clamp(threads, 1, _partitions.Length), turnEnded, cancellation);
        }
        finally
        {
            // Who looks at the actors now sees them as they are at this time.
            foreach (var partition in _partitions) partition.Trains.DissolveAll(Math.Min(_isStopped ? _stoppedPs : endPs, partition.NextPs));
        }
        if (until is not null && !_isStopped)
            foreach (var partition in _partitions) partition.SkipTo(endPs - 1);
    }

    private void RunAlone(Partition partition, long endPs, Action<SimTime>? turnEnded, CancellationToken cancellation)
    {
        while (!_isStopped && partition.NextPs < endPs)
        {
            partition.Run(endPs, EngineLimits.MessagesPerTurn);
            // Who stopped it may have something for it that comes before what it has next.
            _stoppedPs = partition.NowPs;
            var nextPs = _isStopped ? long.MaxValue : Math.Min(partition.NextPs, endPs);
            turnEnded?.Invoke(new SimTime(nextPs == long.MaxValue ? partition.NowPs : nextPs - 1));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private void RunTogether(long endPs, int threads, Action<SimTime>? turnEnded, CancellationToken cancellation)
    {
        var team = TeamOf(threads);
        Partition.Settle(_partitions);
        while (!_isStopped)
        {
            var nextPs = _partitions.Min(p => p.NextPs);
            if (nextPs >= endPs) return;
            var turnEndPs = Math.Min(endPs, nextPs > long.MaxValue - _turnPs ? long.MaxValue : nextPs + _turnPs);
            var before = Delivered;
            team.Run(turnEndPs);
            team.Foresee(Delivered - before, turnEndPs - nextPs, LeastToShare);
            AdaptTurn(Delivered - before);
            _stoppedPs = turnEndPs;
            turnEnded?.Invoke(new SimTime(turnEndPs - 1));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private PartitionTeam TeamOf(int threads)
    {
        if (_team?.Threads == threads) return _team;
        _team?.Dispose();
        return _team = new PartitionTeam(_partitions, threads);
    }

    /// <summary>By what was delivered, not by how long it took: turns are the same in each run.</summary>
    private void AdaptTurn(long delivered)
    {
        if (delivered > EngineLimits.MessagesPerTurn) _turnPs = Math.Max(1, _turnPs / 2);
        else if (delivered < EngineLimits.MessagesPerTurn / 2) _turnPs = Math.Min(EngineLimits.LongestTurnPs, 2 * _turnPs);
    }

    private static ActorCell CellOf(Actor actor) => actor.AttachedTo as ActorCell ?? throw new InvalidOperationException($"Invariant: {actor.GetType().Name} is not spawned on this engine");

    private static readonly SimTime SimTimeOfOne = new(1);

    /// <summary>All partitions see the same table, without room to grow.</summary>
    private void Seal()
    {
        if (_channels.Length != _channelCount) Array.Resize(ref _channels, _channelCount);
        _cells.TrimExcess();
        foreach (var partition in _partitions) partition.Seal(_channels);
    }

    private Channel Connect(int id, ActorCell sender, ActorCell receiver, int inlet, SimTime lookAhead)
    {
        var channel = new Channel(id, sender, receiver, inlet, lookAhead.Picoseconds);
        _channels[id] = channel;
        return channel;
    }

    public void Dispose()
    {
        _team?.Dispose();
        _depot.Dispose();
    }
}
