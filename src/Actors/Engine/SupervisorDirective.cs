namespace PcieFabric.Engine;

/// <summary>What happens to an actor whose <see cref="Actor.Receive"/> threw.</summary>
public enum SupervisorDirective
{
    /// <summary>The run ends and names the actor. For everything that is ours: an exception there is a bug.</summary>
    Escalate,

    /// <summary>The actor handles no further message as itself; the run goes on. For code that users bring.</summary>
    Stop,
}
