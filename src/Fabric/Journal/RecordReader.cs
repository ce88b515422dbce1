using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>
/// Reads what <see cref="RecordBlock"/> wrote, as it stands there: whom a record refers to by a payload's number is for the caller to know. One reader goes through all blocks
/// of a journal, and takes no memory for any of them.
/// </summary>
/// <param name="channels">The number of channels that there are.</param>
/// <remarks>The checksum has been compared by now; what does not fit was written wrong, and is an <see cref="InvalidDataException"/>.</remarks>
public sealed class RecordReader(int channels)
{
    private ChannelLast[] _channels = [];
    private ReadOnlyMemory<byte> _body;
    private int _block;
    private int _next;

    public MessageHead Head => new(DeliveredAtPs, ChannelId, Kind, Detail);

    public long DeliveredAtPs { get; private set; }

    public int ChannelId { get; private set; }

    public ushort Kind { get; private set; }

    public uint Detail { get; private set; }

    public RecordForm Form { get; private set; }

    /// <summary>The number of the payload of a TLP that has one; nothing where <see cref="Form"/> is that of a record that may have none.</summary>
    public long Payload { get; private set; }

    /// <summary>The number of the next payload that comes with its record.</summary>
    public long NextPayload { get; private set; }

    /// <summary>Where the message's body starts in the block's, or of <see cref="RecordForm.SharedData"/> prefix and header.</summary>
    public int BodyAt { get; private set; }

    /// <summary>How many bytes that is; zero where all is that of another record.</summary>
    public int BodyBytes { get; private set; }

    /// <summary>Begins with another block. What the bytes are may change until they are read.</summary>
    /// <param name="previousPs">Time of the message before, or the block's first.</param>
    /// <param name="firstPayload">The number of the first payload that the block itself has.</param>
    public void Start(ReadOnlyMemory<byte> body, long previousPs, long firstPayload)
    {
        (_body, DeliveredAtPs, NextPayload, _next) = (body, previousPs, firstPayload, 0);
        _block++;
    }

    /// <summary>Reads the next record. Who knows how many there are asks for no more.</summary>
    public void Read()
    {
        var body = _body.Span;
        var at = _next;
        var left = body[at..];
        var tag = ReadHead(left, out var number);
        BodyAt = at + tag.HeadBytes;
        BodyBytes = 0;
        Form = tag.Form;
        ref var last = ref _channels[ChannelId];
        switch (tag.Form)
        {
            case RecordForm.SharedNext:
                Share(last.NextPayload, ref last);
                break;
            case RecordForm.Shared:
                Share(NextPayload - number, ref last);
                break;
            case RecordForm.Numbered:
                Take(number, body);
                Payload = NextPayload++;
                last.NextPayload = NextPayload;
                break;
            case RecordForm.SharedData:
                Take(HeaderBytesOf(body[BodyAt..]), body);
                Share(NextPayload - number, ref last);
                break;
            case RecordForm.Whole:
                Take(number, body);
                break;
            case RecordForm.Repeated:
                Repeat(at, number, body);
                break;
            default:
                throw new InvalidDataException($"a record has a body of form {(int)tag.Form}");
        }
        _next = tag.Form == RecordForm.Repeated ? at + tag.HeadBytes : BodyAt + BodyBytes;
    }

    private void Share(long payload, ref ChannelLast last)
    {
        if ((ulong)payload >= (ulong)NextPayload) throw new InvalidDataException($"payload {payload} is promised where there are {NextPayload}");
        Payload = payload;
        last.NextPayload = payload + 1;
    }

    private void Take(uint size, ReadOnlySpan<byte> body)
    {
        if (size > (uint)(body.Length - BodyAt)) throw new InvalidDataException($"{size} bytes are promised where {body.Length - BodyAt} are left");
        BodyBytes = (int)size;
    }

    private void Repeat(int at, uint distance, ReadOnlySpan<byte> body)
    {
        if (distance > (uint)at) throw new InvalidDataException($"a body is promised {distance} bytes back, where {at} are");
        at -= (int)distance;
        var tag = TagOf(body[at..]);
        if (tag.Form != RecordForm.Whole || distance == 0) throw new InvalidDataException("a body is promised where there is none");
        BodyAt = at + tag.HeadBytes;
        var number = body[(BodyAt - tag.NumberBytes)..BodyAt];
        var size = 0u;
        for (var i = number.Length - 1; i >= 0; i--) size = size << 8 | number[i];
        Take(size, body);
    }

    private static uint HeaderBytesOf(ReadOnlySpan<byte> left) =>
        TlpCodec.PrefixAndHeaderBytes(left) is var size and not 0 ? (uint)size : throw new InvalidDataException("a header has no end");

    private static RecordTag TagOf(ReadOnlySpan<byte> left)
    {
        if (left.Length < RecordTag.SizeBytes) throw new InvalidDataException("a record has no end");
        var tag = new RecordTag(MemoryMarshal.Read<ushort>(left));
        return tag.HeadBytes <= left.Length ? tag : throw new InvalidDataException("a record has no end");
    }

    /// <summary>Reads all that stands before the body. Numbers are read as whole words, of which what counts is kept.</summary>
    private RecordTag ReadHead(ReadOnlySpan<byte> left, out uint number) =>
        left.Length >= RecordTag.MaxHeadBytes ? ReadHead(ref MemoryMarshal.GetReference(left), out number) : ReadLastHead(left, out number);

    /// <summary>So near the block's end that whole words may reach beyond it.</summary>
    private RecordTag ReadLastHead(ReadOnlySpan<byte> left, out uint number)
    {
        TagOf(left);
        Span<byte> padded = stackalloc byte[RecordTag.MaxHeadBytes];
        padded.Clear();
        left.CopyTo(padded);
        return ReadHead(ref MemoryMarshal.GetReference(padded), out number);
    }

    private RecordTag ReadHead(ref byte at, out uint number)
    {
        var tag = new RecordTag(Unsafe.ReadUnaligned<ushort>(ref at));
        at = ref Unsafe.Add(ref at, RecordTag.SizeBytes);
        DeliveredAtPs += (long)Number(ref at, tag.ElapsedBytes);
        at = ref Unsafe.Add(ref at, tag.ElapsedBytes);
        var channel = (uint)Number(ref at, tag.ChannelBytes);
        if (channel >= (uint)channels) throw new InvalidDataException($"{channel} is more than {channels - 1}");
        at = ref Unsafe.Add(ref at, tag.ChannelBytes);
        ref var last = ref LastOf((int)channel, tag.IsLikeLast);
        if (!tag.IsLikeLast)
        {
            last.Kind = (ushort)Number(ref at, tag.KindBytes);
            last.Detail = (uint)Number(ref Unsafe.Add(ref at, tag.KindBytes), tag.DetailBytes);
        }
        at = ref Unsafe.Add(ref at, tag.KindBytes + tag.DetailBytes);
        number = (uint)Number(ref at, tag.NumberBytes);
        (ChannelId, Kind, Detail) = ((int)channel, last.Kind, last.Detail);
        return tag;
    }

    private ref ChannelLast LastOf(int channel, bool isLikeLast)
    {
        if (channel >= _channels.Length) Array.Resize(ref _channels, Math.Max(channel + 1, _channels.Length * 2));
        ref var last = ref _channels[channel];
        if (last.Block == _block) return ref last;
        if (isLikeLast) throw new InvalidDataException("a record is like one that is not there");
        last = new ChannelLast { Block = _block };
        return ref last;
    }

    private static ulong Number(ref byte at, int width) => Unsafe.ReadUnaligned<ulong>(ref at) & ~(ulong.MaxValue << 4 * width << 4 * width);
}
