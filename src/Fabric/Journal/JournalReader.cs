using System.Buffers.Binary;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Journals;

/// <summary>
/// Reads a journal. Opening it reads the index and the tables; other blocks are read, and their checksums compared, when asked for. A
/// journal that ends early, because its writer did, has no index: the headers of its blocks are looked for, up to the last whole block.
/// </summary>
/// <remarks>Wherever a block is read, a damaged one is an <see cref="InputException"/> that names the block and its place.</remarks>
public sealed class JournalReader : IDisposable
{
    private readonly Stream _stream;
    private readonly List<JournalBlock> _blocks = [];
    private readonly Lock _reading = new();

    /// <param name="stream">Seekable; disposed with the reader.</param>
    /// <param name="name">What messages call it by.</param>
    /// <exception cref="InputException">Not a journal, of another version, damaged, or without its tables.</exception>
    public JournalReader(Stream stream, string name)
    {
        (_stream, Name) = (stream, name);
        Length = stream.Length;
        ReadPreamble();
        var isIndexed = TryReadIndex();
        if (!isIndexed) ScanHeaders();
        Run = Table(BlockKind.Run, 0, (cursor, _) => JournalRun.Read(cursor));
        Actors = Table(BlockKind.Actors, 1, ReadActors);
        Channels = Table(BlockKind.Channels, 2, ReadChannels);
        if (IsTruncated) return;
        Totals = Decode(_blocks[^1], (cursor, _) => JournalTotals.Read(cursor));
        if (isIndexed) return;
        ReadBody(_blocks[^2]);
        throw Wrong($"damaged: {_blocks[^2]} is no index of the blocks before it", "get another copy of the file, or record again");
    }

    public string Name { get; }

    /// <summary>Of the file, in bytes.</summary>
    public long Length { get; }

    public JournalRun Run { get; }

    /// <summary>Paths, in the order of spawning.</summary>
    public IReadOnlyList<string> Actors { get; }

    public IReadOnlyList<JournalChannel> Channels { get; }

    public IReadOnlyList<JournalBlock> Blocks => _blocks;

    /// <summary>The journal ends before its end block: its writer did not finish, or the file was cut.</summary>
    public bool IsTruncated => _blocks.Count == 0 || _blocks[^1].Header.Kind != BlockKind.End;

    /// <summary>Null when truncated.</summary>
    public JournalTotals? Totals { get; }

    /// <summary>What to tell a person about a truncated journal.</summary>
    public string TruncationNotice
    {
        get
        {
            var last = _blocks[^1];
            return $"{Name}: ends early, after {last} at {new SimTime(last.Header.ToPs)}; {Length - last.End} bytes of an incomplete block follow";
        }
    }

    /// <summary>The messages that were delivered, in order, from <paramref name="from"/> on and before <paramref name="until"/>.</summary>
    public IEnumerable<JournalMessage> Messages(SimTime? from = null, SimTime? until = null) => Records(BlockKind.Messages, from, until);

    /// <summary>What gateways let in, in order.</summary>
    public IEnumerable<JournalMessage> Inputs(SimTime? from = null, SimTime? until = null) => Records(BlockKind.Inputs, from, until);

    /// <summary>The digests in a block of <see cref="BlockKind.Digests"/>, ordered by actor.</summary>
    public IReadOnlyList<ActorDigest> Digests(JournalBlock block) => Decode(block, ReadDigests);

    /// <summary>The messages in one block of <see cref="BlockKind.Messages"/> and all after it, in order.</summary>
    public IEnumerable<JournalMessage> MessagesFrom(JournalBlock block, SimTime? until = null) => Records(BlockKind.Messages, null, until, block.Header.Index);

    /// <summary>Starts a reader on one block of <see cref="BlockKind.Messages"/>: for who reads many, and keeps nothing of one when it reads the next.</summary>
    /// <param name="reused">Gets the block, and grows with it.</param>
    /// <returns>What the reader reads: the body of the block.</returns>
    public ReadOnlyMemory<byte> Start(RecordReader records, JournalBlock block, ref byte[] reused)
    {
        var body = ReadBody(block, ref reused);
        records.Start(body, block.Header.FromPs, block.Header.FirstPayload);
        return body;
    }

    /// <summary>Reads every block, to find damage wherever it is.</summary>
    public void Verify()
    {
        foreach (var block in _blocks) ReadBody(block);
    }

    public void Dispose() => _stream.Dispose();

    private IEnumerable<JournalMessage> Records(BlockKind kind, SimTime? from, SimTime? until, int first = 0)
    {
        var (fromPs, untilPs) = ((from ?? SimTime.Zero).Picoseconds, (until ?? SimTime.Never).Picoseconds);
        var payloads = new RecordedPayloads(this);
        var records = new RecordReader(Channels.Count);
        for (var index = first; index < _blocks.Count; index++)
        {
            var block = _blocks[index];
            if (block.Header.Kind != kind || block.Header.ToPs < fromPs || block.Header.FromPs >= untilPs) continue;
            var cursor = new RecordCursor(records, Unpacked(block), block.Header.FromPs, block.Header.FirstPayload, payloads);
            for (var i = 0; i < block.Header.Records; i++)
            {
                var message = NextMessage(block, cursor);
                if (message.DeliveredAtPs >= untilPs) break;
                if (message.DeliveredAtPs >= fromPs) yield return message;
            }
            payloads.Keep(block, cursor);
        }
    }

    /// <summary>The TLPs in a block of messages that have a payload with a number.</summary>
    internal RecordCursor PayloadsIn(JournalBlock block, IPayloadSource earlier)
    {
        var cursor = new RecordCursor(new RecordReader(Channels.Count), ReadBody(block), block.Header.FromPs, block.Header.FirstPayload, earlier);
        try
        {
            for (var i = 0; i < block.Header.Records; i++) cursor.Skip();
        }
        catch (InvalidDataException wrong)
        {
            throw Unreadable(block, wrong);
        }
        return cursor;
    }

    private ReadOnlyMemory<byte> Unpacked(JournalBlock block)
    {
        var body = ReadBody(block);
        if (block.Header.Kind != BlockKind.Inputs) return body;
        try
        {
            return BlockBody.Inflate(body);
        }
        catch (InvalidDataException wrong)
        {
            throw Unreadable(block, wrong);
        }
    }

    private JournalMessage NextMessage(JournalBlock block, RecordCursor cursor)
    {
        try
        {
            return cursor.Next();
        }
        catch (Exception wrong) when (wrong is InvalidDataException or OverflowException)
        {
            throw Unreadable(block, wrong);
        }
    }

    private void ReadPreamble()
    {
        Span<byte> preamble = stackalloc byte[JournalFormat.PreambleBytes];
        _stream.Position = 0;
        var read = _stream.ReadAtLeast(preamble, preamble.Length, throwOnEndOfStream: false);
        var magic = Math.Min(read, JournalFormat.Magic.Length);
        if (read == 0) throw Wrong("the file is empty", "a journal is written by 'pciefabric run --journal FILE'");
        if (!preamble[..magic].SequenceEqual(JournalFormat.Magic[..magic]))
            throw Wrong($"not a journal: its first bytes (0 to {magic - 1}) are {Convert.ToHexStringLower(preamble[..magic])}", "a journal is written by 'pciefabric run --journal FILE'");
        if (read < preamble.Length) throw Cut();
        if (BinaryPrimitives.ReadUInt32LittleEndian(preamble[12..]) != Crc32C.Of(preamble[..12]))
            throw Wrong("damaged: the checksum of the preamble (bytes 8 to 15, the format version) does not fit", "get another copy of the file");
        var version = BinaryPrimitives.ReadInt32LittleEndian(preamble[8..]);
        if (version != JournalFormat.Version)
            throw Wrong($"format version {version}, where this build reads {JournalFormat.Version}", "use the build that recorded it");
    }

    /// <summary>Reads the end of the file and the index that it leads to. Where something is wrong with them, the headers themselves tell what.</summary>
    private bool TryReadIndex()
    {
        const int endBytes = BlockHeader.SizeBytes + JournalFormat.EndBytes;
        var endAt = Length - endBytes;
        if (endAt < JournalFormat.PreambleBytes) return false;
        var bytes = new byte[endBytes];
        ReadAt(endAt, bytes);
        var body = bytes.AsSpan(BlockHeader.SizeBytes);
        if (!BlockHeader.TryRead(bytes, out var end) || end.Kind != BlockKind.End || end.BodyBytes != body.Length || end.BodyChecksum != Crc32C.OfQuarters(body)) return false;
        var indexAt = BinaryPrimitives.ReadInt64LittleEndian(body[JournalTotals.SizeBytes..]);
        if (indexAt < JournalFormat.PreambleBytes || indexAt > endAt - BlockHeader.SizeBytes || endAt - indexAt > Array.MaxLength) return false;
        bytes = new byte[endAt - indexAt];
        ReadAt(indexAt, bytes);
        body = bytes.AsSpan(BlockHeader.SizeBytes);
        if (!BlockHeader.TryRead(bytes, out var index) || index.Kind != BlockKind.Index || index.BodyBytes != body.Length || index.BodyChecksum != Crc32C.OfQuarters(body)) return false;
        var at = (long)JournalFormat.PreambleBytes;
        for (; TryReadNextHeader(body, out var header); body = body[BlockHeader.SizeBytes..]) at = Add(header, at);
        if (body.IsEmpty && at == indexAt && index.Index == _blocks.Count && end.Index == _blocks.Count + 1)
        {
            Add(end, Add(index, at));
            return true;
        }
        _blocks.Clear();
        return false;
    }

    private void ScanHeaders()
    {
        var bytes = new byte[BlockHeader.SizeBytes];
        var at = (long)JournalFormat.PreambleBytes;
        while (at <= Length - BlockHeader.SizeBytes)
        {
            if (_blocks.Count > 0 && !IsTruncated) break;
            ReadAt(at, bytes);
            if (!TryReadNextHeader(bytes, out var header)) throw WrongHeader(_blocks.Count, at);
            if (header.BodyBytes > Length - at - BlockHeader.SizeBytes) break;
            at = Add(header, at);
        }
        if (_blocks.Count > 0 && !IsTruncated && at != Length)
            throw Wrong($"damaged: {Length - at} bytes follow the end block, from byte {at} on", "get another copy of the file");
    }

    /// <returns>False if there can be no such block behind those that are known.</returns>
    private bool TryReadNextHeader(ReadOnlySpan<byte> from, out BlockHeader header)
    {
        header = default;
        return from.Length >= BlockHeader.SizeBytes && BlockHeader.TryRead(from, out header) && header.Index == _blocks.Count && header.BodyBytes >= 0 && Enum.IsDefined(header.Kind);
    }

    /// <returns>Where the next one starts.</returns>
    private long Add(BlockHeader header, long at)
    {
        _blocks.Add(new JournalBlock(header, at));
        return _blocks[^1].End;
    }

    private string After(int block) => block == 0 ? "" : $", after {new SimTime(_blocks[block - 1].Header.ToPs)}";

    private T Table<T>(BlockKind kind, int index, Func<BlockCursor, BlockHeader, T> read)
    {
        if (index >= _blocks.Count) throw Cut();
        var block = _blocks[index];
        return block.Header.Kind == kind ? Decode(block, read) : throw Wrong($"damaged: {block} stands where {kind.ToString().ToLowerInvariant()} should", "get another copy of the file");
    }

    private T Decode<T>(JournalBlock block, Func<BlockCursor, BlockHeader, T> read)
    {
        try
        {
            return read(new BlockCursor(ReadBody(block)), block.Header);
        }
        catch (Exception wrong) when (wrong is InvalidDataException or OverflowException)
        {
            throw Unreadable(block, wrong);
        }
    }

    /// <summary>The header, which is as it is known already, and the body.</summary>
    private ReadOnlyMemory<byte> ReadWhole(JournalBlock block, ref byte[] into)
    {
        var size = BlockHeader.SizeBytes + block.Header.BodyBytes;
        if (into.Length < size) into = new byte[size];
        var whole = into.AsMemory(0, size);
        ReadAt(block.Offset, whole.Span);
        return BlockHeader.TryRead(whole.Span, out var header) && header == block.Header ? whole : throw WrongHeader(block.Header.Index, block.Offset);
    }

    private ReadOnlyMemory<byte> ReadBody(JournalBlock block)
    {
        byte[] bytes = [];
        return ReadBody(block, ref bytes);
    }

    private ReadOnlyMemory<byte> ReadBody(JournalBlock block, ref byte[] into)
    {
        var body = ReadWhole(block, ref into)[BlockHeader.SizeBytes..];
        var header = block.Header;
        if (Crc32C.OfQuarters(body.Span) == header.BodyChecksum) return body;
        var spans = header.ToPs == 0 ? "" : $", {new SimTime(header.FromPs)} to {new SimTime(header.ToPs)}";
        throw Wrong($"damaged: the checksum of {block} does not fit; it held {header.Records} records{spans}", "get another copy of the file, or record again");
    }

    /// <summary>A replay takes inputs from a journal while another thread reads the messages that it is compared with.</summary>
    private void ReadAt(long at, Span<byte> bytes)
    {
        lock (_reading)
        {
            _stream.Position = at;
            _stream.ReadExactly(bytes);
        }
    }

    private static string[] ReadActors(BlockCursor from, BlockHeader header)
    {
        var paths = new List<string>();
        for (var i = 0; i < header.Records; i++) paths.Add(from.NextText());
        return [.. paths];
    }

    private JournalChannel[] ReadChannels(BlockCursor from, BlockHeader header)
    {
        var channels = new List<JournalChannel>();
        for (var i = 0; i < header.Records; i++)
            channels.Add(new JournalChannel(from.NextInt32(Actors.Count - 1), from.NextInt32(Actors.Count - 1), from.NextInt32(ushort.MaxValue)));
        return [.. channels];
    }

    private List<ActorDigest> ReadDigests(BlockCursor from, BlockHeader header)
    {
        var digests = new List<ActorDigest>();
        var actor = 0;
        for (var i = 0; i < header.Records; i++)
        {
            actor += from.NextInt32(Actors.Count - 1 - actor);
            digests.Add(new ActorDigest(actor, from.NextFixed()));
        }
        return digests;
    }

    private InputException WrongHeader(int block, long at) =>
        Wrong($"damaged: the header of block {block} (bytes {at} to {at + BlockHeader.SizeBytes - 1}{After(block)}) is wrong", "get another copy of the file, or record again");

    private InputException Cut() => Wrong($"cut off after {Length} bytes, before its tables are complete", "nothing can be read from it; record again");

    private InputException Unreadable(JournalBlock block, Exception wrong) =>
        Wrong($"{block} cannot be read: {wrong.Message}", "its checksum fits, so it was written by another build or made by hand", wrong);

    private InputException Wrong(string what, string hint, Exception? inner = null) => new(what, hint, new SourceLocation(Name), inner);
}
