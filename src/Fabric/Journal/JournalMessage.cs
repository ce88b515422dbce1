namespace PcieFabric.Journals;

/// <summary>
/// One message as a journal keeps it. Of a TLP the body is what the wire would carry (<c>TlpCodec</c>), of anything else the bytes that its sender filled in,
/// without the zeros at the end.
/// </summary>
/// <param name="DeliveredAtPs">Virtual time, in picoseconds.</param>
/// <param name="Body">Valid until the next message is read.</param>
public readonly record struct JournalMessage(long DeliveredAtPs, int ChannelId, ushort Kind, uint Detail, ReadOnlyMemory<byte> Body)
{

    /// <param name="previousPs">Time of the message before, or the block's first.</param>
    internal void Write(BlockBody to, long previousPs)
    {
        to.Add(checked((ulong)(DeliveredAtPs - previousPs)));
        to.Add(ChannelId);
        to.Add(Kind);
        to.Add((ulong)Detail);
        to.Add(Body.Span);
    }

    internal static JournalMessage Read(ref BlockCursor from, long previousPs, int channels)
    {
        var atPs = previousPs + (long)from.Next();
        return new JournalMessage(atPs, from.NextInt32(channels - 1), (ushort)from.NextInt32(ushort.MaxValue), checked((uint)from.Next()), from.NextBytes());
    }

    /// <summary>Whether two messages say the same, at the same time, on the same channel.</summary>
    public bool Matches(in JournalMessage other) =>
        DeliveredAtPs == other.DeliveredAtPs && ChannelId == other.ChannelId && Kind == other.Kind && Detail == other.Detail && Body.Span.SequenceEqual(other.Body.Span);
}
