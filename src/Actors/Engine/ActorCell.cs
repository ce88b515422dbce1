namespace PcieFabric.Engine;

/// <summary>An actor's place in the deterministic engine: its context, and what its supervisor knows of it.</summary>
internal sealed class ActorCell : IActorContext
{
    private readonly ulong _seed;
    private Channel? _self;
    private DeterministicRandom? _random;
    private Actor _actor;
    private Exception? _failure;
    private ITrain? _train;

    public ActorCell(int index, Props props, Partition partition, ulong seed)
    {
        Index = index;
        Path = props.Path;
        Ready = _actor = props.Actor;
        OnFailure = props.OnFailure;
        Partition = partition;
        _seed = seed;
    }

    public int Index { get; }
    public ActorPath Path { get; }

    public Actor Actor
    {
        get => _actor;
        set
        {
            _actor = value;
            UpdateReady();
        }
    }

    /// <summary>The actor, unless something comes before its next message: a train that passes it by, or that it was stopped.</summary>
    public Actor? Ready { get; private set; }

    public SupervisorDirective OnFailure { get; }
    public Partition Partition { get; }

    /// <summary>What stopped the actor; null while it runs.</summary>
    public Exception? Failure
    {
        get => _failure;
        set
        {
            _failure = value;
            UpdateReady();
        }
    }

    /// <summary>What passes the actor by as long as it gets no other message; null for nothing.</summary>
    public ITrain? Train
    {
        get => _train;
        set
        {
            _train = value;
            UpdateReady();
        }
    }

    public DeterministicRandom Random => _random ??= MakeRandom();

    public long NowPs => Partition.NowPs;

    public PayloadPool Payloads => Partition.Payloads;

    /// <summary>Has the source asked for a train once the message in hand is done, unless somebody watches each.</summary>
    /// <returns>Whether it will be asked.</returns>
    public bool Offer(ITrainSource source)
    {
        // The first one may hold back requests until it is asked.
        if (!Partition.AllowsTrains(this) || (Partition.Trains.Candidate is { } first && first != source)) return false;
        Partition.Trains.Candidate = source;
        return true;
    }

    private void UpdateReady() => Ready = _failure is null && _train is null ? _actor : null;

    private DeterministicRandom MakeRandom()
    {
        var mix = new Journals.Digest(_seed);
        mix.Add(Path.Value);
        return new DeterministicRandom(mix.Value);
    }

    public void UseForItself(Channel self) => _self = self;

    public void Schedule(long delayPs, Timer timer)
    {
        var message = Message.Of(MessageKind.Timer, timer);
        _self!.Tell(in message, NowPs + delayPs);
    }
}
