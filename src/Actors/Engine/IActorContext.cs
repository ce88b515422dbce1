namespace PcieFabric.Engine;

/// <summary>All that an actor sees of the world around it. Another actor engine hosts our actors by implementing this.</summary>
public interface IActorContext
{
    ActorPath Path { get; }

    /// <summary>The time of the message being handled, in picoseconds.</summary>
    long NowPs { get; }

    /// <summary>The actor's own generator, seeded by the run's seed and its path.</summary>
    DeterministicRandom Random { get; }

    /// <summary>Where the actor rents and returns payloads.</summary>
    PayloadPool Payloads { get; }

    /// <summary>Tells the actor itself, <paramref name="delayPs"/> from now (at least 1), as a <see cref="MessageKind.Timer"/>.</summary>
    void Schedule(long delayPs, Timer timer);
}
