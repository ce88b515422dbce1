using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>Reads the messages of a block, each with its whole body.</summary>
/// <remarks>What does not fit is an <see cref="InvalidDataException"/>.</remarks>
internal sealed class RecordCursor
{
    private readonly RecordReader _records;
    private readonly ReadOnlyMemory<byte> _body;
    private readonly long _firstPayload;
    private readonly IPayloadSource _earlier;
    private readonly List<ReadOnlyMemory<byte>> _numbered = [];

    /// <param name="records">Goes through the block from its start, and meanwhile through no other.</param>
    /// <param name="previousPs">Time of the message before, or the block's first.</param>
    /// <param name="firstPayload">The number of the first payload that the block itself has.</param>
    /// <param name="earlier">Has the payloads of the blocks before.</param>
    public RecordCursor(RecordReader records, ReadOnlyMemory<byte> body, long previousPs, long firstPayload, IPayloadSource earlier)
    {
        (_records, _body, _firstPayload, _earlier) = (records, body, firstPayload, earlier);
        records.Start(body, previousPs, firstPayload);
    }

    /// <summary>The TLPs of the block with a payload that has a number, of what has been read.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Numbered => _numbered;

    public JournalMessage Next()
    {
        Skip();
        var body = _records.Form switch
        {
            RecordForm.Shared or RecordForm.SharedNext => BodyOf(_records.Payload),
            RecordForm.SharedData => TlpCodec.WithDataOf(Bytes.Span, BodyOf(_records.Payload).Span) ?? throw new InvalidDataException("a header does not fit its data"),
            _ => Bytes,
        };
        return new JournalMessage(_records.Head, body);
    }

    /// <summary>Reads as far as the payloads that the block itself has, and looks into no other.</summary>
    public void Skip()
    {
        _records.Read();
        if (_records.Form == RecordForm.Numbered) _numbered.Add(Bytes);
    }

    private ReadOnlyMemory<byte> Bytes => _body.Slice(_records.BodyAt, _records.BodyBytes);

    private ReadOnlyMemory<byte> BodyOf(long number) => number < _firstPayload ? _earlier.BodyOf(number) : _numbered[(int)(number - _firstPayload)];
}
