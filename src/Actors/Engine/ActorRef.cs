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

    /// <summary>
    /// Sends a <see cref="MessageKind.Tlp"/>. An engine may write it where it will be read: a message that is put together first, from small pieces, and then
    /// copied as a whole has the processor wait until the pieces have reached its cache.
    /// </summary>
    /// <param name="detail"><see cref="Message.Detail"/>.</param>
    /// <inheritdoc cref="Tell(in Message, long)"/>
    public virtual void Tell(in Tlp tlp, uint detail, long deliverAtPs) => Tell(Message.Of(in tlp, detail), deliverAtPs);
}
