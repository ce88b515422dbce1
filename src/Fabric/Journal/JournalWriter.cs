using System.Buffers.Binary;
using System.Runtime.ExceptionServices;
using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>
/// Writes a journal, a block at a time. Where blocks end follows from what is written and from nothing else, so equal runs give equal files.
/// </summary>
/// <remarks>After an exception of the stream the journal ends with the last whole block: whatever is added then throws it again.</remarks>
public sealed class JournalWriter
{
    private readonly Stream _stream;
    private readonly BlockBody _body = new();
    private readonly BlockBody _headers = new(JournalFormat.ExpectedIndexBytes);
    private readonly RecordBlock _messages = RecordBlock.OfMessages();
    private readonly RecordBlock _inputs = RecordBlock.OfInputs();
    private IOException? _failure;
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
        WriteBlock(BlockKind.Run, 1);
        foreach (var path in actors) _body.Add(path);
        WriteBlock(BlockKind.Actors, actors.Count);
        foreach (var channel in channels)
        {
            _body.Add(channel.Sender);
            _body.Add(channel.Receiver);
            _body.Add(channel.Inlet);
        }
        WriteBlock(BlockKind.Channels, channels.Count);
    }

    public long BytesWritten { get; private set; } = JournalFormat.PreambleBytes;

    /// <summary>A message that was delivered. Messages come in the order of their times.</summary>
    /// <param name="body">Of a TLP, as on the wire.</param>
    public void AddMessage(in MessageHead head, ReadOnlySpan<byte> body)
    {
        _messages.Add(in head, body);
        if (_messages.IsFull) FlushMessages();
    }

    /// <inheritdoc cref="RecordBlock.Add(in MessageHead, in Tlp, PayloadPlace)"/>
    public void AddMessage(in MessageHead head, in Tlp tlp, PayloadPlace place)
    {
        _messages.Add(in head, in tlp, place);
        if (_messages.IsFull) FlushMessages();
    }

    /// <summary>Something that a gateway let in. Inputs come in the order of their times.</summary>
    public void AddInput(in MessageHead head, ReadOnlySpan<byte> body)
    {
        _inputs.Add(in head, body);
        if (_inputs.IsFull) FlushInputs();
    }

    /// <summary>What was let in before comes before, here and with messages, so that a journal that ends early can be repeated as far as it tells what happened.</summary>
    /// <param name="fromPs">Where the interval starts, in picoseconds; <paramref name="toPs"/> is its first time outside.</param>
    /// <param name="digests">Ordered by actor.</param>
    public void AddDigests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
        FlushInputs();
        var previous = 0;
        foreach (var (actor, value) in digests)
        {
            _body.Add(actor - previous);
            _body.AddFixed(value);
            previous = actor;
        }
        WriteBlock(BlockKind.Digests, digests.Length, fromPs, toPs);
    }

    /// <summary>Writes what has gathered, the index and the end. Nothing may follow.</summary>
    public void Finish(JournalTotals totals)
    {
        Flush();
        var (indexAt, blocks) = (BytesWritten, _blocks);
        _body.AddRaw(_headers.Whole.Span[BlockHeader.SizeBytes..]);
        WriteBlock(BlockKind.Index, blocks, totals.LastPs, totals.LastPs);
        totals.Write(_body);
        _body.AddFixed((ulong)indexAt);
        WriteBlock(BlockKind.End, 1, totals.LastPs, totals.LastPs);
        _stream.Flush();
    }

    /// <summary>Writes what has gathered, so that a journal that is given up holds all that was added.</summary>
    public void Flush()
    {
        FlushInputs();
        FlushMessages();
        ThrowIfFailed();
    }

    private void FlushMessages()
    {
        if (_messages.Count == 0) return;
        FlushInputs();
        Write(BlockKind.Messages, _messages.Whole, _messages.Count, _messages.FirstPs, _messages.LastPs, _messages.FirstPayload);
        _messages.Clear();
    }

    /// <summary>What comes from outside may be much, and repeats itself; of messages everything is wanted often.</summary>
    private void FlushInputs()
    {
        if (_inputs.Count == 0) return;
        _body.AddDeflated(_inputs.Body.Span);
        WriteBlock(BlockKind.Inputs, _inputs.Count, _inputs.FirstPs, _inputs.LastPs);
        _inputs.Clear();
    }

    private void WriteBlock(BlockKind kind, int records, long fromPs = 0, long toPs = 0)
    {
        Write(kind, _body.Whole, records, fromPs, toPs);
        _body.Clear();
    }

    /// <param name="whole">With room for the header in front.</param>
    private void Write(BlockKind kind, Memory<byte> whole, int records, long fromPs, long toPs, long firstPayload = 0)
    {
        ThrowIfFailed();
        var header = whole.Span[..BlockHeader.SizeBytes];
        var body = whole.Span[BlockHeader.SizeBytes..];
        new BlockHeader(kind, _blocks++, body.Length, records, fromPs, toPs, firstPayload, Crc32C.OfQuarters(body)).Write(header);
        _headers.AddRaw(header);
        try
        {
            _stream.Write(whole.Span);
        }
        catch (IOException failure)
        {
            _failure = failure;
            throw;
        }
        BytesWritten += whole.Length;
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
    }
}
