using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Compares all messages of a run, a block at a time: equal runs give equal blocks, so the replay makes its own and holds their bytes against the journal's. From the
/// first that differ on, both are read message by message. A block of the journal is read when there is one to compare it with.
/// </summary>
internal sealed class BlockComparison : Comparison, IDisposable
{
    private readonly JournalReader _journal;
    private readonly SimTime? _until;
    private readonly long _untilPs;
    private readonly RecordBlock _replayed = RecordBlock.OfMessages();
    private readonly JournalBlock[] _recorded;
    private MessageComparison? _single;
    private int _next;

    public BlockComparison(JournalReader journal, SimTime? until)
    {
        (_journal, _until, _untilPs) = (journal, until, (until ?? SimTime.Never).Picoseconds);
        _recorded = [.. journal.Blocks.Where(b => b.Header.Kind == BlockKind.Messages)];
    }

    public override void Message(ref readonly Message message, int channelId)
    {
        if (IsOver || Divergence is not null) return;
        if (_single is not null)
        {
            _single.Message(in message, channelId);
            Adopt();
            return;
        }
        if (message.DeliveredAtPs >= _untilPs)
        {
            Finish();
            return;
        }
        var head = MessageBody.HeadOf(in message, channelId);
        if (message.CarriesTlp) _replayed.Add(in head, in message.Tlp);
        else _replayed.Add(in head, MessageBody.OfNoTlp(in message));
        if (_replayed.IsFull) CompareBlock();
    }

    public override void Finish()
    {
        if (IsOver || Divergence is not null) return;
        CompareSingly().Finish();
        Adopt();
    }

    public void Dispose() => _single?.Dispose();

    private void CompareBlock()
    {
        if (_next == _recorded.Length || !_journal.Body(_recorded[_next]).SequenceEqual(_replayed.Body.Span))
        {
            CompareSingly();
            Adopt();
            return;
        }
        Compared += _replayed.Count;
        ComparedUntilPs = _replayed.LastPs;
        _next++;
        _replayed.Clear();
    }

    private MessageComparison CompareSingly()
    {
        if (_single is not null) return _single;
        var recorded = _next < _recorded.Length ? _journal.MessagesFrom(_recorded[_next], _until) : [];
        _single = new MessageComparison(_journal, recorded, _until, Compared);
        foreach (var message in _replayed.Read(_journal.Channels.Count)) _single.Compare(in message);
        return _single;
    }

    private void Adopt()
    {
        (Divergence, IsOver, Compared) = (_single!.Divergence, _single.IsOver, _single.Compared);
        ComparedUntilPs = Math.Max(ComparedUntilPs, _single.ComparedUntilPs);
    }
}
