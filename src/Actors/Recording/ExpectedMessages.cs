using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Tlps;

namespace PcieFabric.Recording;

/// <summary>
/// Makes a journal's messages, block by block, what their receivers will get if the run repeats itself. Whatever is wrong with them ends it by an exception: who compares exactly
/// from there on hears of it in words.
/// </summary>
internal sealed unsafe class ExpectedMessages
{
    private readonly JournalReader _journal;
    private readonly JournalBlock[] _blocks;
    private readonly long _untilPs;
    private readonly RecordReader _records;

    /// <summary>As they were when their payloads came first, by the numbers of these.</summary>
    private readonly Tlp[] _tlps = new Tlp[JournalFormat.PayloadsInReach];
    private byte[] _reused = [];
    private ReadOnlyMemory<byte> _body;
    private int _block = -1;
    private int _record;

    /// <param name="blocks">Those of messages.</param>
    public ExpectedMessages(JournalReader journal, JournalBlock[] blocks, long untilPs)
    {
        (_journal, _blocks, _untilPs) = (journal, blocks, untilPs);
        _records = new RecordReader(journal.Channels.Count);
    }

    /// <summary>Fills a batch with messages of one block, from where the one before ended. The batch is whole up to where an exception comes from.</summary>
    public void Fill(ExpectedBatch batch)
    {
        if (_block < 0 || _record == _blocks[_block].Header.Records) (_block, _record) = (_block + 1, 0);
        batch.Begin(_block, _record);
        if (_block == _blocks.Length || _blocks[_block].Header.FromPs >= _untilPs)
        {
            batch.IsLast = true;
            return;
        }
        if (_record == 0) _body = _journal.Start(_records, _blocks[_block], ref _reused);
        var body = _body.Span;
        var records = _blocks[_block].Header.Records;
        for (; _record < records && batch.HasRoom; _record++)
        {
            _records.Read();
            if (_records.Head.DeliveredAtPs >= _untilPs)
            {
                batch.IsLast = true;
                return;
            }
            Add(batch, body.Slice(_records.BodyAt, _records.BodyBytes));
        }
    }

    private void Add(ExpectedBatch batch, ReadOnlySpan<byte> body)
    {
        var head = _records.Head;
        var line = batch.Line;
        line->DeliveredAtPs = head.DeliveredAtPs;
        line->Kind = (MessageKind)head.Kind;
        line->Inlet = (ushort)_journal.Channels[head.ChannelId].Inlet;
        line->Detail = head.Detail;
        var number = (ushort)(_records.Payload % JournalFormat.PayloadsInReach);
        switch (_records.Form)
        {
            case RecordForm.SharedNext or RecordForm.Shared:
                line->Tlp = _tlps[Known(number)];
                batch.Add(new ExpectedHead(head.ChannelId, number, ExpectedBody.KnownPayload));
                break;
            case RecordForm.SharedData:
                line->Tlp = WithHeader(body, in _tlps[Known(number)]);
                batch.Add(new ExpectedHead(head.ChannelId, number, ExpectedBody.KnownPayload));
                break;
            case RecordForm.Numbered:
                line->Tlp = _tlps[number] = Decode(body, batch.Payload);
                if (!line->CarriesTlp || !line->Tlp.HasLongPayload) throw new InvalidDataException("a payload has a number and no need of one");
                batch.Add(new ExpectedHead(head.ChannelId, number, ExpectedBody.NewPayload));
                break;
            case var _ when line->CarriesTlp:
                line->Tlp = Decode(body, batch.Payload);
                if (line->Tlp.HasLongPayload) throw new InvalidDataException("a payload has no number");
                batch.Add(new ExpectedHead(head.ChannelId, 0, (ExpectedBody)((int)ExpectedBody.Tlp + line->Tlp.PayloadBytes / sizeof(uint))));
                break;
            default:
                var bytes = new Span<byte>(&line->Tlp, Message.BodyBytes);
                body.CopyTo(bytes);
                bytes[body.Length..].Clear();
                batch.Add(new ExpectedHead(head.ChannelId, 0, ExpectedBody.Bytes));
                break;
        }
    }

    private int Known(int number) => _records.NextPayload - _records.Payload <= JournalFormat.PayloadsInReach ? number : throw new InvalidDataException("a payload is out of reach");

    private static Tlp Decode(ReadOnlySpan<byte> wire, byte* payload) => TlpCodec.TryDecode(wire, payload, out var tlp, out var error) && TlpCodec.StartsWithHeaderOf(wire, in tlp)
        ? tlp
        : throw new InvalidDataException($"no TLP: {error}");

    private static Tlp WithHeader(ReadOnlySpan<byte> prefixAndHeader, in Tlp other) =>
        TlpCodec.TryDecodeHeader(prefixAndHeader, null, out var tlp) && tlp.PayloadBytes == other.PayloadBytes && TlpCodec.StartsWithHeaderOf(prefixAndHeader, in tlp)
            ? tlp
            : throw new InvalidDataException("a header does not fit its data");
}
