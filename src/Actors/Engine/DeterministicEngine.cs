namespace PcieFabric.Engine;

/// <summary>
/// Runs actors in virtual time. Every actor receives its messages in the order (time, channel, place in the channel), whatever the
/// number of partitions and threads: partitions advance in windows no longer than the shortest look-ahead between them
/// (conservative synchronisation: Chandy and Misra 1979; windows as in Nicol's YAWNS 1993).
/// </summary>
public sealed class DeterministicEngine : IActorEngine, IDisposable
{
    private readonly ulong _seed;
    private readonly PayloadDepot _depot = new();
    private readonly List<ActorCell> _cells = [];
    private HashSet<string>? _paths = [];
    private readonly List<Channel> _channels = [];
    private readonly Partition[] _partitions;
    private Action<SimTime>? _observersTurnEnded;
    private long _lookAheadPs = long.MaxValue;
    private volatile bool _isStopped;

    public DeterministicEngine(ulong seed = 1, int partitions = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitions, EngineLimits.MaxPartitions);
        _seed = seed;
        _partitions = [.. Enumerable.Range(0, partitions).Select(i => new Partition(i, _channels, _depot))];
    }

    public int Partitions => _partitions.Length;

    public ulong Seed => _seed;

    internal IReadOnlyList<ActorCell> Cells => _cells;

    internal IReadOnlyList<Channel> Channels => _channels;

    public IReadOnlyList<ActorPath> Paths => [.. _cells.Select(c => c.Path)];

    /// <summary>Messages delivered so far.</summary>
    public long Delivered => _partitions.Sum(p => p.Delivered);

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
            var nextPs = long.MaxValue;
            foreach (var partition in _partitions) nextPs = Math.Min(nextPs, partition.NextPs);
            return new SimTime(nextPs);
        }
    }

    /// <summary>Actors that a supervisor stopped, and why.</summary>
    public IEnumerable<(ActorPath Path, Exception Failure)> Stopped =>
        _cells.Where(c => c.Failure is not null).Select(c => (c.Path, c.Failure!));

    public void Spawn(Props props)
    {
        _paths ??= [.. _cells.Select(c => c.Path.Value)];
        if (!_paths.Add(props.Path.Value)) throw new InvalidOperationException($"Invariant: two actors at {props.Path}");
        var partition = _partitions[props.Partition % _partitions.Length];
        var cell = new ActorCell(_cells.Count, props, partition, _seed);
        _cells.Add(cell);
        cell.UseForItself(Connect(cell, cell, 0, SimTimeOfOne));
        props.Actor.Attach(cell);
    }

    public ActorRef Connect(Actor sender, Actor receiver, int inlet, SimTime lookAhead) =>
        Connect(CellOf(sender), CellOf(receiver), inlet, lookAhead);

    /// <summary>Who sends on a channel, and who receives.</summary>
    public (ActorPath Sender, ActorPath Receiver) Ends(int channelId) =>
        (_channels[channelId].Sender.Path, _channels[channelId].Receiver.Path);

    /// <summary>Adds an observer to each partition, asked for once; they see all messages from then on.</summary>
    /// <param name="turnEnded">As for <see cref="Run"/>, of all runs. What it throws ends the run and blames no actor.</param>
    public void Observe(Func<int, IMessageObserver> observerOfPartition, Action<SimTime>? turnEnded = null)
    {
        foreach (var partition in _partitions) partition.Add(observerOfPartition(partition.Index));
        _observersTurnEnded += turnEnded;
    }

    /// <summary>
    /// Puts another actor into the place of one that is wired, before the engine first runs: it gets what is sent there, and sends on the channels from there.
    /// The alarms that the former one set when it was spawned go to it too.
    /// </summary>
    public void StandIn(ActorPath path, Actor actor)
    {
        var cell = _cells.Find(c => c.Path == path) ?? throw new InvalidOperationException($"Invariant: no actor at {path}");
        if (Delivered > 0) throw new InvalidOperationException($"Invariant: {path} has a part in a run that has begun");
        cell.Actor = actor;
        actor.Attach(cell);
    }

    /// <summary>The channels on which the actor at a place sends, in the order of wiring.</summary>
    internal IEnumerable<Channel> ChannelsFrom(ActorPath path) => _channels.Where(c => c.Sender.Path == path);

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
    /// Ends the run, to be called by what is inside it: a lone partition after the message in hand, several after their window. What is left to deliver is left to the next run.
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
        foreach (var partition in _partitions) partition.Seal();
        // Only spawning needs it, which is over as a rule.
        _paths = null;
        turnEnded = _observersTurnEnded + turnEnded;
        _isStopped = false;
        if (_partitions.Length == 1) RunAlone(_partitions[0], endPs, turnEnded, cancellation);
        else RunTogether(endPs, Math.Min(threads, _partitions.Length), turnEnded, cancellation);
        if (until is not null && !_isStopped)
            foreach (var partition in _partitions) partition.SkipTo(endPs - 1);
    }

    private void RunAlone(Partition partition, long endPs, Action<SimTime>? turnEnded, CancellationToken cancellation)
    {
        while (!_isStopped && partition.NextPs < endPs)
        {
            partition.Run(endPs, EngineLimits.MessagesPerTurn);
            // Who stopped it may have something for it that comes before what it has next.
            var nextPs = _isStopped ? long.MaxValue : Math.Min(partition.NextPs, endPs);
            turnEnded?.Invoke(new SimTime(nextPs == long.MaxValue ? partition.NowPs : nextPs - 1));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private void RunTogether(long endPs, int threads, Action<SimTime>? turnEnded, CancellationToken cancellation)
    {
        using var team = new PartitionTeam(_partitions, threads);
        while (true)
        {
            foreach (var partition in _partitions) partition.ExchangeInboxes();
            var nextPs = _partitions.Min(p => p.NextPs);
            if (nextPs >= endPs) return;
            var horizonPs = nextPs > long.MaxValue - _lookAheadPs ? long.MaxValue : nextPs + _lookAheadPs;
            team.Run(Math.Min(horizonPs, endPs));
            turnEnded?.Invoke(new SimTime(Math.Min(horizonPs, endPs) - 1));
            cancellation.ThrowIfCancellationRequested();
            if (_isStopped) return;
        }
    }

    private static ActorCell CellOf(Actor actor) => actor.AttachedTo as ActorCell ?? throw new InvalidOperationException($"Invariant: {actor.GetType().Name} is not spawned on this engine");

    private static readonly SimTime SimTimeOfOne = new(1);

    private Channel Connect(ActorCell sender, ActorCell receiver, int inlet, SimTime lookAhead)
    {
        var channel = new Channel(_channels.Count, sender, receiver, inlet, lookAhead.Picoseconds);
        _channels.Add(channel);
        if (channel.CrossesPartitions) _lookAheadPs = Math.Min(_lookAheadPs, lookAhead.Picoseconds);
        return channel;
    }

    public void Dispose() => _depot.Dispose();
}
