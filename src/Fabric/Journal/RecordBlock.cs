using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>
/// Records that gather for a block. A TLP is one message at every hop of its way and says the same in each, so its bytes are written once; the records after that point
/// back to them: those with a payload of a pool by the payload's number, into earlier blocks too, and short ones within the block.
/// </summary>
internal sealed class RecordBlock
{
    private readonly int _fullAt;
    private readonly RecentTlps _recent = new();
    private readonly Vector256<ulong>[] _headers;
    private ChannelLast[] _channels = new ChannelLast[64];
    private byte[] _bytes = new byte[BlockHeader.SizeBytes + Limits.MaxTlpBytes];
    private int _end = BlockHeader.SizeBytes;
    private int _block = 1;
    private long _payloads;

    private RecordBlock(int enoughBytes, int payloadsInReach)
    {
        _fullAt = BlockHeader.SizeBytes + enoughBytes;
        _headers = new Vector256<ulong>[payloadsInReach];
    }

    public int Count { get; private set; }

    /// <summary>Time of the first record, in picoseconds, and <see cref="LastPs"/> of the last.</summary>
    public long FirstPs { get; private set; }

    public long LastPs { get; private set; }

    /// <summary>The number of the first payload that the block itself has, or will.</summary>
    public long FirstPayload { get; private set; }

    /// <summary>No more fits: the journal goes on in another block.</summary>
    public bool IsFull => _end >= _fullAt;

    /// <summary>What stands behind the header.</summary>
    public ReadOnlyMemory<byte> Body => _bytes.AsMemory(BlockHeader.SizeBytes, _end - BlockHeader.SizeBytes);

    /// <summary>With room for a header in front.</summary>
    public Memory<byte> Whole => _bytes.AsMemory(0, _end);

    public static RecordBlock OfMessages() => new(JournalFormat.MessageBlockBytes, JournalFormat.PayloadsInReach);

    public static RecordBlock OfInputs() => new(JournalFormat.InputBlockBytes, payloadsInReach: 0);

    /// <summary>Adds a message whose body is its own.</summary>
    public void Add(in MessageHead head, ReadOnlySpan<byte> body)
    {
        Reserve(body.Length);
        WriteHead(in head, RecordForm.Whole, body.Length);
        body.CopyTo(_bytes.AsSpan(_end));
        _end += body.Length;
    }

    /// <summary>Adds a message whose body is a TLP, on its first hop or a later one.</summary>
    /// <param name="tlp">Of a payload that is known only the size is looked at.</param>
    /// <param name="place">Of its payload, as <see cref="PayloadNumbers"/> has it of all messages up to this one.</param>
    public void Add(in MessageHead head, in Tlp tlp, PayloadPlace place)
    {
        if (place.IsKnown) AddShared(in head, in tlp, place.Back);
        else if (place == PayloadPlace.New) AddNumbered(in head, in tlp);
        else AddShort(in head, in tlp);
    }

    /// <summary>Begins another block.</summary>
    public void Clear()
    {
        (_end, Count, FirstPayload) = (BlockHeader.SizeBytes, 0, _payloads);
        _block++;
    }

    private void AddNumbered(in MessageHead head, in Tlp tlp)
    {
        _headers[_payloads % _headers.Length] = tlp.HeaderWords;
        AddWhole(in head, in tlp, RecordForm.Numbered);
        _channels[head.ChannelId].NextPayload = ++_payloads;
    }

    private void AddShared(in MessageHead head, in Tlp tlp, int back)
    {
        var number = _payloads - back;
        ref readonly var header = ref _headers[number % _headers.Length];
        var isNext = IsKnown(head.ChannelId) && _channels[head.ChannelId].NextPayload == number;
        Reserve(TlpCodec.MaxPrefixAndHeaderBytes);
        if (tlp.HeaderWords != header)
        {
            WriteHead(in head, RecordForm.SharedData, back);
            _end += TlpCodec.EncodePrefixAndHeader(in tlp, _bytes.AsSpan(_end));
        }
        else if (isNext)
        {
            WriteHead(in head, RecordForm.SharedNext, 0);
        }
        else
        {
            WriteHead(in head, RecordForm.Shared, back);
        }
        _channels[head.ChannelId].NextPayload = number + 1;
    }

    private void AddShort(in MessageHead head, in Tlp tlp)
    {
        if (_recent.Find(in tlp, _block, _bytes) is var at and not 0)
        {
            Reserve(0);
            WriteHead(in head, RecordForm.Repeated, _end - at);
            return;
        }
        at = _end;
        AddWhole(in head, in tlp, RecordForm.Whole);
        _recent.Remember(in tlp, _block, at, _end);
    }

    private void AddWhole(in MessageHead head, in Tlp tlp, RecordForm form)
    {
        var size = TlpCodec.EncodedBytes(in tlp);
        Reserve(size);
        WriteHead(in head, form, size);
        TlpCodec.Encode(in tlp, _bytes.AsSpan(_end, size));
        _end += size;
    }

    private bool IsKnown(int channel) => channel < _channels.Length && _channels[channel].Block == _block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteHead(in MessageHead head, RecordForm form, int number)
    {
        if (Count++ == 0) FirstPs = LastPs = head.DeliveredAtPs;
        var elapsedPs = checked((ulong)(head.DeliveredAtPs - LastPs));
        LastPs = head.DeliveredAtPs;
        if (head.ChannelId >= _channels.Length) Array.Resize(ref _channels, Math.Max(head.ChannelId + 1, _channels.Length * 2));
        ref var last = ref _channels[head.ChannelId];
        var isLikeLast = last.Block == _block && last.Kind == head.Kind && last.Detail == head.Detail;
        if (last.Block != _block) last.NextPayload = 0;
        (last.Block, last.Kind, last.Detail) = (_block, head.Kind, head.Detail);
        var tag = new RecordTag(elapsedPs, (uint)head.ChannelId, isLikeLast, head.Kind, head.Detail, (uint)number, form);
        ref var at = ref _bytes[_end];
        Put(ref at, tag.Bits, RecordTag.SizeBytes);
        at = ref Put(ref Unsafe.Add(ref at, RecordTag.SizeBytes), elapsedPs, tag.ElapsedBytes);
        at = ref Put(ref at, (uint)head.ChannelId, tag.ChannelBytes);
        at = ref Put(ref at, (uint)head.Kind, tag.KindBytes);
        at = ref Put(ref at, head.Detail, tag.DetailBytes);
        Put(ref at, (uint)number, tag.NumberBytes);
        _end += tag.HeadBytes;
    }

    /// <summary>Writes the whole number and goes on behind the bytes of it that count; <see cref="Reserve"/> has made room.</summary>
    private static ref byte Put<T>(ref byte at, T value, int width)
        where T : unmanaged
    {
        Unsafe.WriteUnaligned(ref at, value);
        return ref Unsafe.Add(ref at, width);
    }

    private void Reserve(int bodyBytes)
    {
        var needed = _end + RecordTag.MaxHeadBytes + bodyBytes;
        if (_bytes.Length < needed) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, needed));
    }
}
