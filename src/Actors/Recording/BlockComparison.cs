using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Compares all messages of a run, a block at a time: equal runs give equal blocks, so the replay makes its own and holds their bytes against the journal's. Where they
/// differ both are read message by message. A block of the journal is read when there is one to compare it with.
/// </summary>
internal sealed class BlockComparison : Comparison, IRunScribe
{
    private readonly JournalReader _journal;
    private readonly SimTime? _until;
    private readonly long _untilPs;
    private readonly RecordBlock _replayed = RecordBlock.OfMessages();
    private readonly JournalBlock[] _recorded;
    private volatile bool _hasEnough;
    private int _next;

    public BlockComparison(JournalReader journal, SimTime? until)
    {
        (_journal, _until, _untilPs) = (journal, until, (until ?? SimTime.Never).Picoseconds);
        _recorded = [.. journal.Blocks.Where(b => b.Header.Kind == BlockKind.Messages)];
    }

    public bool HasEnough => _hasEnough;

    public void Message(ref readonly Message message, int channelId, PayloadPlace payload)
    {
        if (_hasEnough) return;
        if (message.DeliveredAtPs >= _untilPs)
        {
            Finish();
            return;
        }
        var head = MessageBody.HeadOf(in message, channelId);
        if (message.CarriesTlp) _replayed.Add(in head, in message.Tlp, payload);
        else _replayed.Add(in head, MessageBody.OfNoTlp(in message));
        // Blocks of the journal may have ended early, where it was flushed.
        if (_next == _recorded.Length || _replayed.Count == _recorded[_next].Header.Records) CompareBlock();
    }

    public void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
    }

    public void Input(in MessageHead head, ReadOnlySpan<byte> body)
    {
    }

    public override void Finish()
    {
        if (IsDecided) return;
        CompareSingly(isEnd: true);
        _hasEnough = true;
    }

    private void CompareBlock()
    {
        if (_next == _recorded.Length || !_journal.HasBody(_recorded[_next], _replayed.Body.Span))
        {
            CompareSingly(isEnd: false);
            if (!IsDecided) throw new InvalidOperationException($"Invariant: equal messages give equal blocks, and {_recorded[_next]} has others");
            _hasEnough = true;
            return;
        }
        Compared += _replayed.Count;
        ComparedUntilPs = _replayed.LastPs;
        _next++;
        _replayed.Clear();
    }

    private void CompareSingly(bool isEnd)
    {
        var recorded = _next < _recorded.Length ? _journal.MessagesFrom(_recorded[_next], _until) : [];
        using var single = new MessageComparison(_journal, recorded, _until, Compared);
        foreach (var message in _replayed.Read(_journal.Channels.Count, new RecordedPayloads(_journal))) single.Compare(in message);
        if (isEnd) single.Finish();
        (Divergence, IsOver, Compared) = (single.Divergence, single.IsOver, single.Compared);
        ComparedUntilPs = Math.Max(ComparedUntilPs, single.ComparedUntilPs);
    }
}
