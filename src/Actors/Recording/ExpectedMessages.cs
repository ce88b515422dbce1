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
    private readonly ushort[] _inlets;
    private byte[] _reused = [];
    private ReadOnlyMemory<byte> _body;
    private int _block = -1;
    private int _record;

    /// <param name="blocks">Those of messages.</param>
    public ExpectedMessages(JournalReader journal, JournalBlock[] blocks, long untilPs)
    {
        (_journal, _blocks, _untilPs) = (journal, blocks, untilPs);
        _records = new RecordReader(journal.Channels.Count);
        _inlets = [.. journal.Channels.Select(channel => (ushort)channel.Inlet)];
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
            if (_records.DeliveredAtPs >= _untilPs)
            {
                batch.IsLast = true;
                return;
            }
            Add(batch, body.Slice(_records.BodyAt, _records.BodyBytes));
        }
    }

    private void Add(ExpectedBatch batch, ReadOnlySpan<byte> body)
    {
        var channel = _records.ChannelId;
        var line = batch.Line;
        line->DeliveredAtPs = _records.DeliveredAtPs;
        line->Kind = (MessageKind)_records.Kind;
        line->Inlet = _inlets[channel];
        line->Detail = _records.Detail;
        var payload = (int)(_records.Payload & JournalFormat.PayloadsInReach - 1);
        if (!line->CarriesTlp && _records.Form is not (RecordForm.Whole or RecordForm.Repeated)) throw new InvalidDataException("what is no TLP has a TLP's payload");
        switch (_records.Form)
        {
            case RecordForm.SharedNext or RecordForm.Shared:
                line->Tlp = Known(payload);
                batch.Add(new ExpectedHead(channel, payload, ExpectedBody.KnownPayload));
                break;
            case RecordForm.SharedData:
                if (!TlpCodec.TryDecodeHeader(body, null, out line->Tlp) || line->Tlp.PayloadBytes != Known(payload).PayloadBytes) throw new InvalidDataException("a header does not fit its data");
                ExpectAsWritten(body, in line->Tlp);
                batch.Add(new ExpectedHead(channel, payload, ExpectedBody.KnownPayload));
                break;
            case RecordForm.Numbered:
                Decode(body, batch);
                if (!line->Tlp.HasLongPayload) throw new InvalidDataException("a payload has a number and no need of one");
                _tlps[payload] = line->Tlp;
                batch.Add(new ExpectedHead(channel, payload, ExpectedBody.NewPayload));
                break;
            case var _ when line->CarriesTlp:
                Decode(body, batch);
                if (line->Tlp.HasLongPayload) throw new InvalidDataException("a payload has no number");
                batch.Add(new ExpectedHead(channel, 0, (ExpectedBody)((int)ExpectedBody.Tlp + line->Tlp.PayloadBytes / sizeof(uint))));
                break;
            default:
                var bytes = new Span<byte>(&line->Tlp, Message.BodyBytes);
                bytes.Clear();
                body.CopyTo(bytes);
                batch.Add(new ExpectedHead(channel, 0, ExpectedBody.Bytes));
                break;
        }
    }

    private ref readonly Tlp Known(int payload)
    {
        if (_records.NextPayload - _records.Payload > JournalFormat.PayloadsInReach) throw new InvalidDataException("a payload is out of reach");
        return ref _tlps[payload];
    }

    private static void Decode(ReadOnlySpan<byte> wire, ExpectedBatch batch)
    {
        if (!TlpCodec.TryDecode(wire, batch.Payload, out batch.Line->Tlp, out var error)) throw new InvalidDataException($"no TLP: {error}");
        ExpectAsWritten(wire, in batch.Line->Tlp);
    }

    /// <summary>Reading ignores what is reserved; who compares bytes does not.</summary>
    private static void ExpectAsWritten(ReadOnlySpan<byte> wire, in Tlp tlp)
    {
        if (!TlpCodec.StartsWithHeaderOf(wire, in tlp)) throw new InvalidDataException("a TLP has reserved bits set");
    }
}
