namespace PcieFabric.Engine;

/// <summary>What a topology needs of whatever runs its actors.</summary>
public interface IActorEngine
{
    void Spawn(Props props);

    /// <summary>
    /// Makes a channel. Channels are numbered in the order of these calls, and that order must follow from the topology alone.
    /// </summary>
    /// <param name="inlet">The receiver's own number for it: <see cref="Message.Inlet"/> of all that comes this way.</param>
    /// <param name="lookAhead">No message will ever travel faster. At least 1 ps; across partitions this is what lets them run side by side.</param>
    ActorRef Connect(Actor sender, Actor receiver, int inlet, SimTime lookAhead);
}
