using System.Buffers.Binary;
using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>Reads what <see cref="RecordBlock"/> wrote.</summary>
/// <param name="previousPs">Time of the message before, or the block's first.</param>
/// <param name="firstPayload">The number of the first payload that the block itself has.</param>
/// <param name="channels">The number of channels that there are.</param>
/// <param name="earlier">Has the payloads of the blocks before.</param>
/// <remarks>The checksum has been compared by now; what does not fit was written wrong, and is an <see cref="InvalidDataException"/>.</remarks>
internal sealed class RecordCursor(ReadOnlyMemory<byte> body, long previousPs, long firstPayload, int channels, IPayloadSource earlier)
{
    private readonly Dictionary<int, ChannelLast> _channels = [];
    private readonly List<ReadOnlyMemory<byte>> _numbered = [];
    private int _at;
    private int _recordAt;
    private long _previousPs = previousPs;

    /// <summary>The TLPs of the block with a payload that has a number, of what has been read.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Numbered => _numbered;

    public JournalMessage Next()
    {
        var (head, form, number, isKnown) = ReadHead();
        var expected = isKnown ? _channels[head.ChannelId].NextPayload : 0;
        var shared = form switch
        {
            RecordForm.Numbered => NextNumber,
            RecordForm.Shared or RecordForm.SharedData => NextNumber - number,
            RecordForm.SharedNext => expected,
            _ => expected - 1,
        };
        var found = form switch
        {
            RecordForm.Whole => Take(number),
            RecordForm.Repeated => BodyBefore(number),
            RecordForm.Numbered => TakeNumbered(number),
            RecordForm.Shared or RecordForm.SharedNext => BodyOf(shared),
            RecordForm.SharedData => TlpCodec.WithDataOf(TakeHeader().Span, BodyOf(shared).Span) ?? throw new InvalidDataException("a header does not fit its data"),
            _ => throw new InvalidDataException($"a record has a body of form {(int)form}"),
        };
        _channels[head.ChannelId] = new ChannelLast { Kind = head.Kind, Detail = head.Detail, NextPayload = shared + 1 };
        return new JournalMessage(in head, found);
    }

    /// <summary>Reads as far as the payloads that the block itself has, and looks into no other.</summary>
    public void Skip()
    {
        var (head, form, number, _) = ReadHead();
        if (form == RecordForm.Whole) Take(number);
        else if (form == RecordForm.Numbered) TakeNumbered(number);
        else if (form == RecordForm.SharedData) TakeHeader();
        _channels[head.ChannelId] = new ChannelLast { Kind = head.Kind, Detail = head.Detail };
    }

    private long NextNumber => firstPayload + _numbered.Count;

    private ReadOnlyMemory<byte> BodyOf(long number)
    {
        if (number < 0 || number >= NextNumber) throw new InvalidDataException($"payload {number} is promised where there are {NextNumber}");
        return number < firstPayload ? earlier.BodyOf(number) : _numbered[(int)(number - firstPayload)];
    }

    private ReadOnlyMemory<byte> BodyBefore(uint distance)
    {
        if (distance > _recordAt) throw new InvalidDataException($"a body is promised {distance} bytes back, where {_recordAt} are");
        var at = _recordAt - (int)distance;
        var tag = TagAt(at);
        if (tag.Form != RecordForm.Whole || distance == 0) throw new InvalidDataException("a body is promised where there is none");
        var size = Number(body.Span.Slice(at + tag.HeadBytes - tag.NumberBytes, tag.NumberBytes));
        return BodyAt(at + tag.HeadBytes, size);
    }

    private ReadOnlyMemory<byte> TakeNumbered(uint size)
    {
        var taken = Take(size);
        _numbered.Add(taken);
        return taken;
    }

    private ReadOnlyMemory<byte> TakeHeader() =>
        TlpCodec.PrefixAndHeaderBytes(body.Span[_at..]) is var size and not 0 ? Take((uint)size) : throw new InvalidDataException("a header has no end");

    private ReadOnlyMemory<byte> Take(uint size)
    {
        var taken = BodyAt(_at, size);
        _at += taken.Length;
        return taken;
    }

    private ReadOnlyMemory<byte> BodyAt(int at, ulong size) =>
        size <= (ulong)(body.Length - at) ? body.Slice(at, (int)size) : throw new InvalidDataException($"{size} bytes are promised where {body.Length - at} are left");

    private RecordTag TagAt(int at)
    {
        var left = body.Span[at..];
        if (left.Length < RecordTag.SizeBytes) throw new InvalidDataException("a record has no end");
        var tag = new RecordTag(BinaryPrimitives.ReadUInt16LittleEndian(left));
        return tag.HeadBytes <= left.Length ? tag : throw new InvalidDataException("a record has no end");
    }

    private (MessageHead Head, RecordForm Form, uint Number, bool IsKnown) ReadHead()
    {
        _recordAt = _at;
        var tag = TagAt(_at);
        _at += RecordTag.SizeBytes;
        _previousPs += (long)TakeNumber(tag.ElapsedBytes);
        var channel = TakeNumber(tag.ChannelBytes);
        if (channel >= (ulong)channels) throw new InvalidDataException($"{channel} is more than {channels - 1}");
        var isKnown = _channels.TryGetValue((int)channel, out var last);
        if (tag.IsLikeLast && !isKnown) throw new InvalidDataException("a record is like one that is not there");
        var (kind, detail) = ((ushort)TakeNumber(tag.KindBytes), (uint)TakeNumber(tag.DetailBytes));
        if (tag.IsLikeLast) (kind, detail) = (last.Kind, last.Detail);
        return (new MessageHead(_previousPs, (int)channel, kind, detail), tag.Form, (uint)TakeNumber(tag.NumberBytes), isKnown);
    }

    private ulong TakeNumber(int width)
    {
        var value = Number(body.Span.Slice(_at, width));
        _at += width;
        return value;
    }

    private static ulong Number(ReadOnlySpan<byte> from)
    {
        var value = 0ul;
        for (var i = from.Length - 1; i >= 0; i--) value = value << 8 | from[i];
        return value;
    }
}
