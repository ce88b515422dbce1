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
    private readonly Records _messages = new(BlockKind.Messages);
    private readonly Records _inputs = new(BlockKind.Inputs);
    private int _blocks;

    /// <summary>Records that gather for a block of their kind.</summary>
    private sealed class Records(BlockKind kind)
    {
        public BlockKind Kind => kind;

        public BlockBody Body { get; } = new();

        public int Count { get; private set; }

        public long FirstPs { get; private set; }

        public long LastPs { get; private set; }

        public void Add(in JournalMessage message)
        {
            if (Count++ == 0) (FirstPs, LastPs) = (message.DeliveredAtPs, message.DeliveredAtPs);
            message.Write(Body, LastPs);
            LastPs = message.DeliveredAtPs;
        }

        public void Clear()
        {
            Body.Clear();
            Count = 0;
        }
    }

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
    public void AddMessage(in JournalMessage message) => Add(_messages, in message);

    /// <summary>Something that a gateway let in. Inputs come in the order of their times.</summary>
    public void AddInput(in JournalMessage input) => Add(_inputs, in input);

    /// <summary>What was let in before comes before, here and with messages, so that a journal that ends early can be repeated as far as it tells what happened.</summary>
    /// <param name="fromPs">Where the interval starts, in picoseconds; <paramref name="toPs"/> is its first time outside.</param>
    /// <param name="digests">Ordered by actor.</param>
    public void AddDigests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
        Flush(_inputs);
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
        Flush(_inputs);
        Flush(_messages);
    }

    private void Add(Records records, in JournalMessage message)
    {
        records.Add(in message);
        if (records.Body.Count >= BlockBytes) Flush(records);
    }

    private void Flush(Records records)
    {
        if (records.Count == 0) return;
        if (records == _messages) Flush(_inputs);
        // What comes from outside may be much, and repeats itself; of messages everything is wanted often.
        var body = records.Kind == BlockKind.Inputs ? records.Body.Deflated() : records.Body;
        WriteBlock(records.Kind, body, records.Count, records.FirstPs, records.LastPs);
        records.Clear();
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
