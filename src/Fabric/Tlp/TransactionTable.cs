namespace PcieFabric.Tlps;

/// <summary>
/// The outstanding non-posted requests of one requester (PCIe 6.0 sections 2.2.6.2, 2.3.2 and 2.8): hands out tags, matches completions, in any
/// order between tags and in address order within one, and tells which requests waited too long. Bounded by its tags.
/// Time comes in with each call; nothing is allocated after the first request.
/// </summary>
/// <typeparam name="TState">What the requester remembers of a request, for instance an index into its buffers.</typeparam>
public sealed class TransactionTable<TState>
    where TState : unmanaged
{
    private const int None = -1;

    private readonly TagPool _tags;
    private Entry[] _entries = [];
    // Requests in the order of issue; one timeout for all of them makes that the order of expiry.
    private int _oldest = None;
    private int _newest = None;

    /// <param name="timeout">From issue to the last completion; <see cref="SimTime.Never"/> for no limit.</param>
    public TransactionTable(TagPool tags, SimTime timeout)
    {
        _tags = tags;
        Timeout = timeout;
    }

    /// <summary>May change at any time and then holds for outstanding requests too, which PCIe 6.0 section 7.5.3.16 permits.</summary>
    public SimTime Timeout { get; set; }

    public int Outstanding { get; private set; }

    /// <summary>Most that can be outstanding.</summary>
    public int Capacity => _tags.Capacity;

    /// <summary>When the oldest request expires; <see cref="SimTime.Never"/> while there is none or no limit.</summary>
    public SimTime EarliestDeadline => _oldest == None ? SimTime.Never : DeadlineOf(_oldest);

    /// <summary>Gives the request a tag and remembers it.</summary>
    /// <returns>False when no tag is free; the request is then unchanged and must wait.</returns>
    public bool TryBegin(ref Tlp request, TState state, SimTime now)
    {
        if (request.FlowControlClass != FlowControlClass.NonPosted) throw new InvalidOperationException($"Only non-posted requests are outstanding, not {request}");
        if (!_tags.TryTake(out var tag)) return false;
        if (_entries.Length == 0) _entries = new Entry[_tags.Capacity];
        request.Tag = tag;
        // What the first completion must say is what a completer would say that answers all at once.
        var answer = Tlp.CompletionFor(request, default, CompletionStatus.SuccessfulCompletion);
        var index = _tags.IndexOf(tag);
        _entries[index] = new Entry
        {
            Transaction = new Transaction<TState>(state, request.Type, request.Requester, tag, request.Address, now),
            CompletionType = request.AnswerLengthDw == 0 ? answer.Type : answer.Type == TlpType.CplLk ? TlpType.CplDLk : TlpType.CplD,
            TrafficClass = answer.TrafficClass,
            RelaxedOrdering = answer.RelaxedOrdering,
            NoSnoop = answer.NoSnoop,
            TotalBytes = (ushort)answer.ByteCount,
            RemainingBytes = (ushort)answer.ByteCount,
            LowerAddress = answer.LowerAddress,
            Older = _newest,
            Newer = None,
        };
        if (_newest == None) _oldest = index;
        else _entries[_newest].Newer = index;
        _newest = index;
        Outstanding++;
        return true;
    }

    /// <summary>Accounts for a completion.</summary>
    /// <param name="transaction">The request it belongs to; default when unexpected.</param>
    /// <param name="data">Where its payload belongs, on <see cref="CompletionMatch.Partial"/> and <see cref="CompletionMatch.Last"/>.</param>
    public CompletionMatch Complete(in Tlp completion, out Transaction<TState> transaction, out CompletionData data)
    {
        if (!completion.IsCompletion) throw new InvalidOperationException($"Only completions complete a request, not {completion}");
        transaction = default;
        data = default;
        if (!_tags.IsTaken(completion.Tag)) return CompletionMatch.Unexpected;
        var index = _tags.IndexOf(completion.Tag);
        ref var entry = ref _entries[index];
        if (entry.Transaction.Requester != completion.Requester) return CompletionMatch.Unexpected;

        transaction = entry.Transaction;
        var mismatch = Compare(entry, completion);
        if (mismatch is { } wrong) return wrong;
        if (completion.Status != CompletionStatus.SuccessfulCompletion)
        {
            Remove(index);
            return CompletionMatch.Failed;
        }
        if (!completion.HasData)
        {
            Remove(index);
            return CompletionMatch.Last;
        }
        var lead = completion.LowerAddress & 3;
        var bytes = Math.Min(completion.PayloadBytes - lead, entry.RemainingBytes);
        data = new CompletionData(entry.TotalBytes - entry.RemainingBytes, lead, bytes);
        entry.RemainingBytes -= (ushort)bytes;
        entry.LowerAddress = (byte)((entry.LowerAddress + bytes) & 0x7F);
        if (entry.RemainingBytes != 0) return CompletionMatch.Partial;
        Remove(index);
        return CompletionMatch.Last;
    }

    /// <summary>Takes out the oldest request if its time is up; call again until false. <see cref="SimTime.Never"/> takes out all, as a reset or a lost link does.</summary>
    public bool TryExpire(SimTime now, out Transaction<TState> expired)
    {
        expired = default;
        if (_oldest == None || now < DeadlineOf(_oldest)) return false;
        expired = _entries[_oldest].Transaction;
        Remove(_oldest);
        return true;
    }

    /// <returns>False while none is outstanding.</returns>
    public bool TryPeekOldest(out Transaction<TState> oldest)
    {
        oldest = _oldest == None ? default : _entries[_oldest].Transaction;
        return _oldest != None;
    }

    /// <summary>What waits, the oldest first: of how many bytes it was asked for, and how many are still to come.</summary>
    public IEnumerable<(Transaction<TState> Transaction, int TotalBytes, int RemainingBytes)> InOrderOfIssue()
    {
        for (var index = _oldest; index != None; index = _entries[index].Newer)
            yield return (_entries[index].Transaction, _entries[index].TotalBytes, _entries[index].RemainingBytes);
    }

    /// <summary>So many were answered, the oldest first; where that is more than wait, others were begun and answered meanwhile.</summary>
    public void Pass(int answered)
    {
        for (; answered > 0 && _oldest != None; answered--) Remove(_oldest);
        if (answered > 0) _tags.Pass(answered);
    }

    /// <summary>So many bytes of the oldest came, not all.</summary>
    public void PassBytes(int bytes)
    {
        ref var entry = ref _entries[_oldest];
        if (bytes >= entry.RemainingBytes) throw new InvalidOperationException($"Invariant: of {entry.RemainingBytes} bytes {bytes} came, and the request still waits");
        entry.RemainingBytes -= (ushort)bytes;
        entry.LowerAddress = (byte)((entry.LowerAddress + bytes) & 0x7F);
    }

    private static CompletionMatch? Compare(in Entry entry, in Tlp completion)
    {
        var failed = completion.Status != CompletionStatus.SuccessfulCompletion;
        // A failure carries no data, whatever was asked for.
        var expected = failed && entry.CompletionType == TlpType.CplD ? TlpType.Cpl
            : failed && entry.CompletionType == TlpType.CplDLk ? TlpType.CplLk
            : entry.CompletionType;
        if (completion.Type != expected) return CompletionMatch.WrongType;
        if (completion.TrafficClass != entry.TrafficClass || completion.RelaxedOrdering != entry.RelaxedOrdering || completion.NoSnoop != entry.NoSnoop)
            return CompletionMatch.WrongAttributes;
        if (!completion.HasData) return null;
        var lead = completion.LowerAddress & 3;
        if (completion.ByteCount != entry.RemainingBytes || completion.LengthDw * 4 >= lead + entry.RemainingBytes + 4) return CompletionMatch.WrongByteCount;
        return completion.LowerAddress == entry.LowerAddress ? null : CompletionMatch.WrongLowerAddress;
    }

    private SimTime DeadlineOf(int index) =>
        Timeout == SimTime.Never ? SimTime.Never : _entries[index].Transaction.IssuedAt + Timeout;

    private void Remove(int index)
    {
        ref var entry = ref _entries[index];
        if (entry.Older == None) _oldest = entry.Newer;
        else _entries[entry.Older].Newer = entry.Newer;
        if (entry.Newer == None) _newest = entry.Older;
        else _entries[entry.Newer].Older = entry.Older;
        _tags.Return(entry.Transaction.Tag);
        Outstanding--;
    }

    private struct Entry
    {
        public Transaction<TState> Transaction;
        public int Older;
        public int Newer;
        public ushort TotalBytes;
        public ushort RemainingBytes;
        public byte LowerAddress;
        public byte TrafficClass;
        public TlpType CompletionType;
        public bool RelaxedOrdering;
        public bool NoSnoop;
    }
}
