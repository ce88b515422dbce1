namespace PcieFabric.Journals;

/// <summary>
/// One message as a journal keeps it. Of a TLP the body is what the wire would carry (<c>TlpCodec</c>), of anything else the bytes that its sender filled in,
/// without the zeros at the end.
/// </summary>
/// <param name="DeliveredAtPs">Virtual time, in picoseconds.</param>
/// <param name="Body">Valid until the next message is read.</param>
public readonly record struct JournalMessage(long DeliveredAtPs, int ChannelId, ushort Kind, uint Detail, ReadOnlyMemory<byte> Body)
{
    internal JournalMessage(in MessageHead head, ReadOnlyMemory<byte> body)
        : this(head.DeliveredAtPs, head.ChannelId, head.Kind, head.Detail, body)
    {
    }

    public MessageHead Head => new(DeliveredAtPs, ChannelId, Kind, Detail);

    /// <summary>Whether two messages say the same, at the same time, on the same channel.</summary>
    public bool Matches(in JournalMessage other) => Head == other.Head && Body.Span.SequenceEqual(other.Body.Span);
}
