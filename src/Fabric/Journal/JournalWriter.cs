using System.Buffers.Binary;

namespace PcieFabric.Journals;

/// <summary>
/// Writes a journal, a block at a time. Where blocks end follows from what is written and from nothing else, so equal runs give equal files.
/// </summary>
/// <remarks>After an exception of the stream the journal ends with the last whole block.</remarks>
public sealed class JournalWriter
{
    /// <summary>A block ends once it has this many bytes: small enough to skip and to lose, large enough that headers weigh nothing.</summary>
    private const int BlockBytes = 64 << 10;

    private readonly Stream _stream;
    private readonly BlockBody _body = new();
    private readonly BlockBody _records = new();
    private BlockKind _recordKind;
    private int _recordCount;
    private long _firstPs;
    private long _lastPs;
    private int _blocks;

    public JournalWriter(Stream stream, JournalRun run, IReadOnlyList<string> actors, IReadOnlyList<JournalChannel> channels)
    {
        _stream = stream;
        Span<byte> preamble = stackalloc byte[JournalFormat.PreambleBytes];
        preamble.Clear();
        JournalFormat.Magic.CopyTo(preamble);
        BinaryPrimitives.WriteInt32LittleEndian(preamble[8..], JournalFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(preamble[12..], Crc32C.Of(preamble[..12]));
        stream.Write(preamble);

        run.Write(_body);
        WriteBlock(BlockKind.Run, _body, 1, 0, 0);
        foreach (var path in actors) _body.Add(path);
        WriteBlock(BlockKind.Actors, _body, actors.Count, 0, 0);
        foreach (var channel in channels)
        {
            _body.Add(channel.Sender);
            _body.Add(channel.Receiver);
            _body.Add(channel.Inlet);
        }
        WriteBlock(BlockKind.Channels, _body, channels.Count, 0, 0);
    }

    public long BytesWritten { get; private set; } = JournalFormat.PreambleBytes;

    /// <summary>A message that was delivered. Messages come in the order of their times.</summary>
    public void AddMessage(in JournalMessage message) => Add(BlockKind.Messages, in message);

    /// <summary>Something that a gateway let in. Inputs come in the order of their times.</summary>
    public void AddInput(in JournalMessage input) => Add(BlockKind.Inputs, in input);

    /// <param name="fromPs">Where the interval starts, in picoseconds; <paramref name="toPs"/> is its first time outside.</param>
    /// <param name="digests">Ordered by actor.</param>
    public void AddDigests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
        var previous = 0;
        foreach (var (actor, value) in digests)
        {
            _body.Add(actor - previous);
            _body.AddFixed(value);
            previous = actor;
        }
        WriteBlock(BlockKind.Digests, _body, digests.Length, fromPs, toPs);
    }

    /// <summary>Writes what has gathered and the end. Nothing may follow.</summary>
    public void Finish(JournalTotals totals)
    {
        Flush();
        totals.Write(_body);
        WriteBlock(BlockKind.End, _body, 1, totals.LastPs, totals.LastPs);
        _stream.Flush();
    }

    /// <summary>Writes what has gathered, so that a journal that is given up holds all that was added.</summary>
    public void Flush()
    {
        if (_recordCount > 0) WriteBlock(_recordKind, _records, _recordCount, _firstPs, _lastPs);
        _recordCount = 0;
    }

    private void Add(BlockKind kind, in JournalMessage message)
    {
        if (kind != _recordKind) Flush();
        if (_recordCount++ == 0) (_recordKind, _firstPs, _lastPs) = (kind, message.DeliveredAtPs, message.DeliveredAtPs);
        message.Write(_records, _lastPs);
        _lastPs = message.DeliveredAtPs;
        if (_records.Count >= BlockBytes) Flush();
    }

    private void WriteBlock(BlockKind kind, BlockBody body, int records, long fromPs, long toPs)
    {
        Span<byte> bytes = stackalloc byte[BlockHeader.SizeBytes];
        new BlockHeader(kind, _blocks++, body.Count, records, fromPs, toPs, Crc32C.Of(body.Written)).Write(bytes);
        _stream.Write(bytes);
        _stream.Write(body.Written);
        BytesWritten += bytes.Length + body.Count;
        body.Clear();
    }
}
