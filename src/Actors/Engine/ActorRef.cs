namespace PcieFabric.Engine;

/// <summary>
/// One sender's way to one receiver: a first-in first-out channel. Its number comes from the order in which the topology was
/// wired, and with the time and the place in the channel it fixes the order of all messages.
/// </summary>
public abstract class ActorRef
{
    public abstract int ChannelId { get; }

    /// <summary>
    /// Sends. Messages of one channel arrive by time, and in the order sent where times are equal.
    /// </summary>
    /// <param name="message">Copied. A payload that it refers to changes owner.</param>
    /// <param name="deliverAtPs">After the sender's now, by at least the look-ahead with which the channel was made.</param>
    public abstract void Tell(in Message message, long deliverAtPs);
}
