namespace PcieFabric.Engine;

/// <summary>An actor's place in the deterministic engine: its context, and what its supervisor knows of it.</summary>
internal sealed class ActorCell : IActorContext
{
    private Channel? _self;

    public ActorCell(int index, Props props, Partition partition, ulong seed)
    {
        Index = index;
        Path = props.Path;
        Actor = props.Actor;
        OnFailure = props.OnFailure;
        Partition = partition;
        var mix = new Journals.Digest(seed);
        mix.Add(Path.Value);
        Random = new DeterministicRandom(mix.Value);
    }

    public int Index { get; }
    public ActorPath Path { get; }
    public Actor Actor { get; set; }
    public SupervisorDirective OnFailure { get; }
    public Partition Partition { get; }
    public DeterministicRandom Random { get; }

    /// <summary>What stopped the actor; null while it runs.</summary>
    public Exception? Failure { get; set; }

    public long NowPs => Partition.NowPs;

    public PayloadPool Payloads => Partition.Payloads;

    public void UseForItself(Channel self) => _self = self;

    public void Schedule(long delayPs, Timer timer)
    {
        var message = Message.Of(MessageKind.Timer, timer);
        _self!.Tell(in message, NowPs + delayPs);
    }
}
