using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>
/// Records that gather for a block. A TLP is one message at every hop of its way and says the same in each, so its bytes are written once in a block; the
/// records after that point back to them.
/// </summary>
public sealed class RecordBlock
{
    /// <summary>TLPs that are remembered: more than are on their way at a time in a busy fabric, and few enough to stay in a cache.</summary>
    private const int RememberedTlps = 512;

    private readonly int _fullAt;
    private readonly Remembered[] _remembered = new Remembered[RememberedTlps];
    private byte[] _bytes = new byte[BlockHeader.SizeBytes + Limits.MaxTlpBytes];
    private int _end = BlockHeader.SizeBytes;
    private int _block = 1;

    /// <param name="Block">In which it stands; another number is no TLP of this block.</param>
    /// <param name="At">Where its record stands.</param>
    private readonly record struct Remembered(Vector256<ulong> Header, int Block, int At, int PayloadAt);

    private RecordBlock(int enoughBytes) => _fullAt = BlockHeader.SizeBytes + enoughBytes;

    public int Count { get; private set; }

    /// <summary>Time of the first record, in picoseconds, and <see cref="LastPs"/> of the last.</summary>
    public long FirstPs { get; private set; }

    public long LastPs { get; private set; }

    /// <summary>No more fits: the journal goes on in another block.</summary>
    public bool IsFull => _end >= _fullAt;

    /// <summary>What stands behind the header.</summary>
    public ReadOnlyMemory<byte> Body => _bytes.AsMemory(BlockHeader.SizeBytes, _end - BlockHeader.SizeBytes);

    /// <summary>With room for a header in front.</summary>
    internal Memory<byte> Whole => _bytes.AsMemory(0, _end);

    public static RecordBlock OfMessages() => new(JournalFormat.MessageBlockBytes);

    internal static RecordBlock OfInputs() => new(JournalFormat.InputBlockBytes);

    /// <summary>What has been added.</summary>
    /// <param name="channels">The number of channels that there are.</param>
    public IEnumerable<JournalMessage> Read(int channels)
    {
        var cursor = new RecordCursor(Body, FirstPs, channels);
        for (var i = 0; i < Count; i++) yield return cursor.Next();
    }

    /// <summary>Adds a message whose body is its own.</summary>
    public void Add(in MessageHead head, ReadOnlySpan<byte> body)
    {
        Reserve(body.Length);
        WriteHead(in head, body.Length, repeats: false);
        body.CopyTo(_bytes.AsSpan(_end));
        _end += body.Length;
    }

    /// <summary>Adds a message whose body is a TLP, on its first hop or a later one.</summary>
    public void Add(in MessageHead head, in Tlp tlp)
    {
        var header = tlp.HeaderWords;
        var payload = tlp.Payload;
        ref var remembered = ref _remembered[PlaceOf(header)];
        if (remembered.Block == _block && remembered.Header == header && payload.SequenceEqual(_bytes.AsSpan(remembered.PayloadAt, payload.Length)))
        {
            Reserve(0);
            WriteHead(in head, _end - remembered.At, repeats: true);
            return;
        }
        var size = TlpCodec.EncodedBytes(in tlp);
        Reserve(size);
        var at = _end;
        WriteHead(in head, size, repeats: false);
        TlpCodec.Encode(in tlp, _bytes.AsSpan(_end, size));
        _end += size;
        remembered = new Remembered(header, _block, at, _end - payload.Length - (tlp.HasDigest ? Ecrc.SizeBytes : 0));
    }

    /// <summary>Begins another block.</summary>
    public void Clear()
    {
        (_end, Count) = (BlockHeader.SizeBytes, 0);
        _block++;
    }

    /// <summary>Begins another block in memory that is given, and leaves that of this one to the caller.</summary>
    internal byte[] Exchange(byte[]? memory)
    {
        var bytes = _bytes;
        _bytes = memory is not null && memory.Length >= bytes.Length ? memory : new byte[bytes.Length];
        Clear();
        return bytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteHead(in MessageHead head, int size, bool repeats)
    {
        if (Count++ == 0) FirstPs = LastPs = head.DeliveredAtPs;
        var elapsedPs = checked((ulong)(head.DeliveredAtPs - LastPs));
        LastPs = head.DeliveredAtPs;
        var widths = new RecordWidths(elapsedPs, (uint)head.ChannelId, head.Kind, head.Detail, (uint)size, repeats);
        ref var at = ref _bytes[_end];
        Put(ref at, widths.Bits, RecordWidths.SizeBytes);
        at = ref Put(ref Unsafe.Add(ref at, RecordWidths.SizeBytes), elapsedPs, widths.ElapsedPs);
        at = ref Put(ref at, (uint)head.ChannelId, widths.Channel);
        at = ref Put(ref at, (uint)head.Kind, widths.Kind);
        at = ref Put(ref at, head.Detail, widths.Detail);
        Put(ref at, (uint)size, widths.Size);
        _end += widths.HeadBytes;
    }

    /// <summary>Writes the whole number and goes on behind the bytes of it that count; <see cref="Reserve"/> has made room.</summary>
    private static ref byte Put<T>(ref byte at, T value, int width)
        where T : unmanaged
    {
        Unsafe.WriteUnaligned(ref at, value);
        return ref Unsafe.Add(ref at, width);
    }

    private static int PlaceOf(Vector256<ulong> header)
    {
        var mixed = (header.GetElement(0) ^ header.GetElement(1) * 0x9E3779B97F4A7C15 ^ header.GetElement(2)) * 0xD6E8FEB86659FD93;
        return (int)(mixed >> 32) & (RememberedTlps - 1);
    }

    private void Reserve(int bodyBytes)
    {
        var needed = _end + RecordWidths.MaxHeadBytes + bodyBytes;
        if (_bytes.Length < needed) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, needed));
    }
}
