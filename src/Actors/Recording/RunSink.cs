using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Takes a run in the one order that does not depend on partitions and threads. What it throws ends the run. It is a class and no interface, as each message pays for the call.
/// </summary>
internal abstract class RunSink
{
    /// <param name="message">Its payload is valid during the call only.</param>
    public virtual void Message(ref readonly Message message, int channelId)
    {
    }

    /// <summary>An interval is over. Comes before the first message behind it, and only if something was delivered in it.</summary>
    /// <param name="digests">Of the actors that received something in it, ordered by actor.</param>
    public virtual void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
    }

    /// <summary>No actor runs: the run can be ended here by an exception.</summary>
    public abstract void TurnEnded();
}
