using System.Buffers.Binary;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Journals;

/// <summary>
/// Reads a journal. Opening it reads the headers of all blocks and the tables; other bodies are read, and their checksums compared, when asked for. A
/// journal that ends early, because its writer did, is read up to its last whole block.
/// </summary>
/// <remarks>Wherever a body is read, a damaged one is an <see cref="InputException"/> that names the block and its place.</remarks>
public sealed class JournalReader : IDisposable
{
    private readonly Stream _stream;
    private readonly List<JournalBlock> _blocks = [];

    /// <param name="stream">Seekable; disposed with the reader.</param>
    /// <param name="name">What messages call it by.</param>
    /// <exception cref="InputException">Not a journal, of another version, damaged, or without its tables.</exception>
    public JournalReader(Stream stream, string name)
    {
        (_stream, Name) = (stream, name);
        Length = stream.Length;
        ReadPreamble();
        ReadHeaders();
        Run = Table(BlockKind.Run, 0, (cursor, _) => JournalRun.Read(cursor));
        Actors = Table(BlockKind.Actors, 1, ReadActors);
        Channels = Table(BlockKind.Channels, 2, ReadChannels);
        if (!IsTruncated) Totals = Decode(_blocks[^1], (cursor, _) => JournalTotals.Read(cursor));
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

    /// <summary>Reads every body, to find damage wherever it is.</summary>
    public void Verify()
    {
        foreach (var block in _blocks) ReadBody(block);
    }

    public void Dispose() => _stream.Dispose();

    private IEnumerable<JournalMessage> Records(BlockKind kind, SimTime? from, SimTime? until)
    {
        var (fromPs, untilPs) = ((from ?? SimTime.Zero).Picoseconds, (until ?? SimTime.Never).Picoseconds);
        foreach (var block in _blocks)
        {
            if (block.Header.Kind != kind || block.Header.ToPs < fromPs || block.Header.FromPs >= untilPs) continue;
            var cursor = new BlockCursor(Unpacked(block));
            var atPs = block.Header.FromPs;
            for (var i = 0; i < block.Header.Records; i++)
            {
                var message = NextMessage(block, ref cursor, atPs);
                atPs = message.DeliveredAtPs;
                if (atPs >= untilPs) break;
                if (atPs >= fromPs) yield return message;
            }
        }
    }

    private byte[] Unpacked(JournalBlock block)
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

    private JournalMessage NextMessage(JournalBlock block, ref BlockCursor cursor, long previousPs)
    {
        try
        {
            return JournalMessage.Read(ref cursor, previousPs, Channels.Count);
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

    private void ReadHeaders()
    {
        Span<byte> bytes = stackalloc byte[BlockHeader.SizeBytes];
        var at = (long)JournalFormat.PreambleBytes;
        while (at <= Length - BlockHeader.SizeBytes)
        {
            if (_blocks.Count > 0 && !IsTruncated) break;
            _stream.Position = at;
            _stream.ReadExactly(bytes);
            if (!BlockHeader.TryRead(bytes, out var header) || header.Index != _blocks.Count || header.BodyBytes < 0 || !Enum.IsDefined(header.Kind))
                throw Wrong($"damaged: the header of block {_blocks.Count} (bytes {at} to {at + BlockHeader.SizeBytes - 1}{After()}) is wrong", "get another copy of the file, or record again");
            if (header.BodyBytes > Length - at - BlockHeader.SizeBytes) break;
            _blocks.Add(new JournalBlock(header, at));
            at = _blocks[^1].End;
        }
        if (_blocks.Count > 0 && !IsTruncated && at != Length)
            throw Wrong($"damaged: {Length - at} bytes follow the end block, from byte {at} on", "get another copy of the file");
    }

    private string After() => _blocks.Count == 0 ? "" : $", after {new SimTime(_blocks[^1].Header.ToPs)}";

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

    private byte[] ReadBody(JournalBlock block)
    {
        var body = new byte[block.Header.BodyBytes];
        _stream.Position = block.Offset + BlockHeader.SizeBytes;
        _stream.ReadExactly(body);
        if (Crc32C.Of(body) == block.Header.BodyChecksum) return body;
        var spans = block.Header.ToPs == 0 ? "" : $", {new SimTime(block.Header.FromPs)} to {new SimTime(block.Header.ToPs)}";
        throw Wrong($"damaged: the checksum of {block} does not fit; it held {block.Header.Records} records{spans}", "get another copy of the file, or record again");
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

    private InputException Cut() => Wrong($"cut off after {Length} bytes, before its tables are complete", "nothing can be read from it; record again");

    private InputException Unreadable(JournalBlock block, Exception wrong) =>
        Wrong($"{block} cannot be read: {wrong.Message}", "its checksum fits, so it was written by another build or made by hand", wrong);

    private InputException Wrong(string what, string hint, Exception? inner = null) => new(what, hint, new SourceLocation(Name), inner);
}
