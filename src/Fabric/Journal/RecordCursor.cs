using System.Buffers.Binary;

namespace PcieFabric.Journals;

/// <summary>Reads what <see cref="RecordBlock"/> wrote.</summary>
/// <param name="previousPs">Time of the message before, or the block's first.</param>
/// <param name="channels">The number of channels that there are.</param>
/// <remarks>The checksum has been compared by now; what does not fit was written wrong, and is an <see cref="InvalidDataException"/>.</remarks>
internal struct RecordCursor(ReadOnlyMemory<byte> body, long previousPs, int channels)
{
    private int _at;
    private long _previousPs = previousPs;

    public JournalMessage Next()
    {
        var (head, size, repeats, behind) = ReadHead(_at);
        var body = repeats ? BodyBefore(size) : BodyAt(behind, size);
        _at = behind + (repeats ? 0 : body.Length);
        _previousPs = head.DeliveredAtPs;
        return new JournalMessage(in head, body);
    }

    private readonly ReadOnlyMemory<byte> BodyBefore(uint distance)
    {
        if (distance > _at) throw new InvalidDataException($"a body is promised {distance} bytes back, where {_at} are");
        var (_, size, repeats, behind) = ReadHead(_at - (int)distance);
        return repeats ? throw new InvalidDataException("a body is promised where there is none") : BodyAt(behind, size);
    }

    private readonly ReadOnlyMemory<byte> BodyAt(int at, uint size) =>
        size <= body.Length - at ? body.Slice(at, (int)size) : throw new InvalidDataException($"{size} bytes are promised where {body.Length - at} are left");

    private readonly (MessageHead Head, uint Size, bool Repeats, int Behind) ReadHead(int at)
    {
        var left = body.Span[at..];
        if (left.Length < RecordWidths.SizeBytes) throw new InvalidDataException("a record has no end");
        var widths = new RecordWidths(BinaryPrimitives.ReadUInt16LittleEndian(left));
        if (widths.HeadBytes > left.Length || widths.ElapsedPs > sizeof(ulong) || Math.Max(widths.Channel, Math.Max(widths.Detail, widths.Size)) > sizeof(uint))
            throw new InvalidDataException("a record has no end");
        left = left[RecordWidths.SizeBytes..];
        var deliveredAtPs = _previousPs + (long)Take(ref left, widths.ElapsedPs);
        var channel = Take(ref left, widths.Channel);
        if (channel >= (ulong)channels) throw new InvalidDataException($"{channel} is more than {channels - 1}");
        var kind = Take(ref left, widths.Kind);
        if (kind > ushort.MaxValue) throw new InvalidDataException($"{kind} is more than {ushort.MaxValue}");
        var head = new MessageHead(deliveredAtPs, (int)channel, (ushort)kind, (uint)Take(ref left, widths.Detail));
        return (head, (uint)Take(ref left, widths.Size), widths.Repeats, at + widths.HeadBytes);
    }

    private static ulong Take(ref ReadOnlySpan<byte> from, int width)
    {
        var value = 0ul;
        for (var i = width - 1; i >= 0; i--) value = value << 8 | from[i];
        from = from[width..];
        return value;
    }
}
