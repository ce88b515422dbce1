using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Memory;

namespace PcieFabric.Recording;

/// <summary>Takes a run in the one order that does not depend on partitions and threads. What it throws ends the run.</summary>
internal interface IRunSink
{
    /// <param name="message">Its payload is valid during the call only.</param>
    /// <param name="payload">What the payload was when the message was delivered, which may be a copy here.</param>
    void Message(ref readonly Message message, int channelId, PayloadIdentity payload)
    {
    }

    /// <summary>An interval is over. Comes before the first message behind it, and only if something was delivered in it.</summary>
    /// <param name="digests">Of the actors that received something in it, ordered by actor.</param>
    void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
    }

    /// <summary>No actor runs: the run can be ended here by an exception.</summary>
    void TurnEnded();
}
