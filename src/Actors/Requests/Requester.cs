using System.Buffers.Binary;
using PcieFabric.AddressTranslation;
using PcieFabric.Engine;

namespace PcieFabric.Requests;

/// <summary>
/// The requester of one function or processor: cuts transfers into requests, keeps as many under way as tags and credits allow, puts the answers
/// where they belong, and notices those that never come. Transfers share the path in turns, request by request.
/// </summary>
public sealed partial class Requester
{
    /// <summary>The <see cref="Engine.Timer.Id"/> that its actor hands to <see cref="TimerFired"/>; the argument is the requester's number.</summary>
    public const int TimerId = -1;

    private readonly IActorContext _context;
    private readonly IRequestPath _path;
    private readonly ActorSynchronizationContext _software;
    private Transfer[] _transfers = new Transfer[1];
    private int _transfersMade;
    private Transfer? _idle;
    private ShortQueue<Transfer> _toIssue;
    private TransactionTable<Part> _transactions;
    private readonly int _number;
    private ShortQueue<(long Number, ActorSynchronizationContext.IAwaited Awaited)> _settling;
    private long _issued;

    /// <summary>When the earliest alarm rings that was set for a deadline.</summary>
    private long _timerAtPs = long.MaxValue;

    private readonly record struct Part(int Transfer, long OffsetBytes, long Number);

    /// <param name="software">Where the code runs that awaits the transfers.</param>
    /// <param name="number">Tells the requesters of one actor apart.</param>
    /// <param name="tags">Until <see cref="UseTags"/>.</param>
    /// <param name="limit">As for <see cref="UseTags"/>.</param>
    public Requester(IActorContext context, IRequestPath path, ActorSynchronizationContext software, int number = 0, TagWidth tags = TagWidth.EightBits, int limit = PcieFabric.Limits.MaxTags)
    {
        _context = context;
        _path = path;
        _software = software;
        _number = number;
        // One comes with it, and so lies beside it.
        _idle = MakeTransfer();
        _transactions = new TransactionTable<Part>(new TagPool(tags, limit), Tlps.CompletionTimeout.Default.Longest);
    }

    /// <summary>Requester ID of what is issued from now on.</summary>
    public Bdf Id { get; set; }

    /// <summary>Bounds of requests issued from now on.</summary>
    public TlpLimits Limits { get; set; } = new(128, 512);

    /// <summary>How long to wait for completions; <see cref="SimTime.Never"/> for ever.</summary>
    public SimTime CompletionTimeout
    {
        get => _transactions.Timeout;
        set
        {
            _transactions.Timeout = value;
            WatchDeadline();
        }
    }

    /// <summary>Translates addresses before requests leave; null where they leave as they are.</summary>
    public IAddressTranslator? Translator
    {
        get;
        set
        {
            ReleaseHeld();
            field = value;
        }
    }

    /// <summary>A transfer of which a request failed asks for no more.</summary>
    public bool CutsShortWhatFails { get; init; }

    /// <summary>Requests under way.</summary>
    public int Outstanding => _transactions.Outstanding;

    public bool IsIdle => Outstanding == 0 && _toIssue.Count == 0;

    /// <summary>Something waits for a tag or for the path to open.</summary>
    public bool HasUnsent => _toIssue.Count > 0;

    public long RequestsSent { get; private set; }

    /// <summary>Completions that belong to no request or contradict theirs.</summary>
    public long UnexpectedCompletions { get; private set; }

    public long Timeouts { get; private set; }

    /// <summary>Other tags, from now on.</summary>
    /// <exception cref="InvalidOperationException">Requests are under way.</exception>
    public void UseTags(TagWidth tags, int limit = PcieFabric.Limits.MaxTags)
    {
        ReleaseHeld();
        if (Outstanding > 0) throw new InvalidOperationException("Invariant: tags change only while none is out");
        _transactions = new TransactionTable<Part>(new TagPool(tags, limit), _transactions.Timeout);
    }

    /// <param name="into">Filled in the order of arrival; complete when the task is.</param>
    public ValueTask<RequestResult> ReadAsync(ulong address, Memory<byte> into, in Tlp attributes = default) =>
        Begin(TransferKind.Read, new RequestSplitter(address, into.Length, Limits.MaxReadRequestBytes), into, in attributes);

    /// <summary>Complete when the last request has left the requester: a posted write has no other answer.</summary>
    public ValueTask<RequestResult> WriteAsync(ulong address, Memory<byte> from, in Tlp attributes = default) =>
        Begin(TransferKind.Write, new RequestSplitter(address, from.Length, Limits.MaxPayloadBytes), from, in attributes);

    /// <summary>Any single request: configuration, I/O, AtomicOp, message. A posted one completes when it has left.</summary>
    public ValueTask<RequestResult> SendAsync(in Tlp request) => Begin(TransferKind.Single, default, default, in request);

    /// <summary>Tells when all requests that are under way now have been answered, or given up.</summary>
    public void TellWhenSettled(ActorSynchronizationContext.IAwaited awaited)
    {
        ReleaseHeld();
        _settling.Enqueue((_issued, awaited));
        TellSettled();
    }

    /// <summary>Gives a completion to the transfer that waits for it, and releases the payload.</summary>
    public void Completed(ref readonly Tlp completion)
    {
        var match = _transactions.Complete(in completion, out var transaction, out var data);
        switch (match)
        {
            case CompletionMatch.Partial:
            case CompletionMatch.Last:
                Take(_transfers[transaction.State.Transfer], in completion, transaction.State, data, match == CompletionMatch.Last);
                break;
            case CompletionMatch.Failed:
                Fail(_transfers[transaction.State.Transfer], completion.Status, timedOut: false);
                break;
            default:
                UnexpectedCompletions++;
                break;
        }
        completion.Release(_context.Payloads);
        if (_settling.Count > 0) TellSettled();
        Issue();
    }

    /// <summary>The requests of all transfers end, as after a link went down or a reset: those under way as if their time were up.</summary>
    public void AbandonAll()
    {
        ReleaseHeld();
        while (_toIssue.TryDequeue(out var transfer))
        {
            (transfer.IssuedAll, transfer.TimedOut) = (true, true);
            ReleaseUnsent(transfer);
            EndIfDone(transfer);
        }
        Expire(SimTime.Never);
    }

    /// <summary>No transfer asks for more than it has: each ends with what is under way.</summary>
    public void CutShort()
    {
        ReleaseHeld();
        for (var left = _toIssue.Count; left > 0; left--)
        {
            var transfer = _toIssue.Dequeue();
            transfer.IsCutShort = true;
            _toIssue.Enqueue(transfer);
        }
        Issue();
    }

    /// <summary>To be called when the path may have opened.</summary>
    public void Issue()
    {
        if (_isHeld) return;
        for (var blocked = 0; blocked < _toIssue.Count;)
        {
            var transfer = _toIssue.Peek();
            var issued = TryIssueNext(transfer);
            if (transfer.IssuedAll)
            {
                _toIssue.Dequeue();
                EndIfDone(transfer);
            }
            else if (_toIssue.Count > 1)
            {
                _toIssue.Enqueue(_toIssue.Dequeue());
            }
            blocked = issued ? 0 : blocked + 1;
        }
        if (_toIssue.Count == 1) OfferTrain(_toIssue.Peek());
    }

    public void TimerFired()
    {
        if (_context.NowPs >= _timerAtPs) _timerAtPs = long.MaxValue;
        var before = Timeouts;
        Expire(new SimTime(_context.NowPs));
        if (Timeouts != before) _path.TimedOut((int)(Timeouts - before));
        WatchDeadline();
        Issue();
    }

    private void Expire(SimTime now)
    {
        while (_transactions.TryExpire(now, out var expired))
        {
            Timeouts++;
            Fail(_transfers[expired.State.Transfer], CompletionStatus.SuccessfulCompletion, timedOut: true);
        }
        TellSettled();
    }

    private void TellSettled()
    {
        var oldest = _transactions.TryPeekOldest(out var transaction) ? transaction.State.Number : long.MaxValue;
        while (_settling.TryPeek(out var first) && first.Number < oldest) _software.Run(_settling.Dequeue().Awaited);
    }

    private ValueTask<RequestResult> Begin(TransferKind kind, RequestSplitter parts, Memory<byte> buffer, in Tlp request)
    {
        _software.Begin();
        ReleaseHeld();
        var transfer = _idle ?? MakeTransfer();
        _idle = transfer.NextIdle;
        transfer.Begin(kind);
        (transfer.Parts, transfer.Buffer, transfer.Request) = (parts, buffer, request);
        transfer.IssuedAll = kind != TransferKind.Single && buffer.Length == 0;
        if (transfer.IssuedAll) _software.Happened(transfer);
        else _toIssue.Enqueue(transfer);
        var task = transfer.Task;
        if (!TryHold(transfer)) Issue();
        return task;
    }

    private Transfer MakeTransfer()
    {
        if (_transfersMade == _transfers.Length) Array.Resize(ref _transfers, 2 * _transfersMade);
        return _transfers[_transfersMade] = new Transfer(this, _transfersMade++);
    }

    /// <summary>Its result has been read.</summary>
    internal void TakeBack(Transfer transfer) => (transfer.NextIdle, _idle) = (_idle, transfer);

    private bool TryIssueNext(Transfer transfer)
    {
        if (transfer.IsCutShort)
        {
            transfer.IssuedAll = true;
            ReleaseUnsent(transfer);
            return true;
        }
        if (transfer.Kind == TransferKind.Single) return TryIssueSingle(transfer);
        if (!transfer.HasPart)
        {
            transfer.HasPart = transfer.Parts.MoveNext();
            if (!transfer.HasPart)
            {
                transfer.IssuedAll = true;
                return true;
            }
        }
        var part = transfer.Parts.Current;
        var isRead = transfer.Kind == TransferKind.Read;
        var request = RequestFor(transfer, in part);
        if (Translator is not null && !TryTranslate(transfer, ref request, NeededBy(in request), out var mustWait)) return !mustWait;
        if (!_path.IsOpen(in request)) return false;
        if (!isRead) request.AddData((int)part.Address & 3, transfer.Buffer.Span.Slice((int)part.OffsetBytes, part.LengthBytes), _context.Payloads);
        if (!TrySend(ref request, transfer, part.OffsetBytes)) return false;
        transfer.HasPart = false;
        return true;
    }

    /// <summary>Without tag and data. A write is asked for as the posted request that it is: reads that wait for credits must not hold up writes.</summary>
    private Tlp RequestFor(Transfer transfer, in RequestPart part)
    {
        var request = transfer.Kind == TransferKind.Read ? Tlp.MemoryRead(Id, 0, part.Address, part.LengthBytes) : Tlp.MemoryWriteHeader(Id, part.Address, part.LengthBytes);
        request.CopyAttributesFrom(in transfer.Request);
        return request;
    }

    private bool TryIssueSingle(Transfer transfer)
    {
        var single = transfer.Request;
        if (single.IsMemoryRequest && Translator is not null && !TryTranslate(transfer, ref single, NeededBy(in single), out var waits)) return !waits;
        if (!_path.IsOpen(in single) || !TrySend(ref single, transfer, 0)) return false;
        transfer.IssuedAll = true;
        return true;
    }

    private static PagePermissions NeededBy(in Tlp request) =>
        request.IsMemoryRead ? PagePermissions.Read : request.IsAtomic ? PagePermissions.ReadWrite : PagePermissions.Write;

    /// <returns>False if the request cannot leave: it must wait, or its transfer has failed.</returns>
    private bool TryTranslate(Transfer transfer, ref Tlp request, PagePermissions needed, out bool waits)
    {
        var outcome = request.AddressType == AddressType.Untranslated ? Translator!.Translate(ref request, needed) : TranslationOutcome.Ready;
        waits = outcome == TranslationOutcome.Pending;
        if (outcome != TranslationOutcome.Refused) return !waits;
        if (transfer.Status == CompletionStatus.SuccessfulCompletion) transfer.Status = CompletionStatus.UnsupportedRequest;
        transfer.IssuedAll = true;
        ReleaseUnsent(transfer);
        return false;
    }

    /// <summary>A single request has its payload from the beginning.</summary>
    private void ReleaseUnsent(Transfer transfer)
    {
        if (transfer.Kind == TransferKind.Single) transfer.Request.Release(_context.Payloads);
    }

    /// <summary>Takes an open way, if there is a tag for a request that needs one.</summary>
    private bool TrySend(ref Tlp request, Transfer transfer, long offset)
    {
        if (request.FlowControlClass == FlowControlClass.NonPosted)
        {
            if (!_transactions.TryBegin(ref request, new Part(transfer.Slot, offset, ++_issued), new SimTime(_context.NowPs))) return false;
            transfer.OutstandingRequests++;
            WatchDeadline();
        }
        RequestsSent++;
        _path.Send(in request);
        return true;
    }

    private void Take(Transfer transfer, ref readonly Tlp completion, Part part, CompletionData data, bool last)
    {
        transfer.Poisoned |= completion.IsPoisoned;
        if (completion.HasData)
        {
            if (transfer.Kind == TransferKind.Read)
                completion.Payload.Slice(data.LeadBytes, data.DataBytes).CopyTo(transfer.Buffer.Span[(int)(part.OffsetBytes + data.OffsetBytes)..]);
            else
                transfer.Value = completion.LengthDw == 1 ? BinaryPrimitives.ReadUInt32LittleEndian(completion.Payload) : BinaryPrimitives.ReadUInt64LittleEndian(completion.Payload);
        }
        if (completion.IsPoisoned) CutShort(transfer);
        if (!last) return;
        transfer.OutstandingRequests--;
        EndIfDone(transfer);
    }

    private void CutShort(Transfer transfer) => transfer.IsCutShort |= CutsShortWhatFails && !transfer.IssuedAll;

    private void Fail(Transfer transfer, CompletionStatus status, bool timedOut)
    {
        if (transfer.Status == CompletionStatus.SuccessfulCompletion) transfer.Status = status;
        transfer.TimedOut |= timedOut;
        CutShort(transfer);
        transfer.OutstandingRequests--;
        EndIfDone(transfer);
    }

    private void EndIfDone(Transfer transfer)
    {
        if (transfer.IssuedAll && transfer.OutstandingRequests == 0) _software.Happened(transfer);
    }

    private void WatchDeadline() => Watch(_transactions.EarliestDeadline.Picoseconds);

    private void Watch(long deadlinePs)
    {
        if (deadlinePs >= _timerAtPs) return;
        _timerAtPs = Math.Max(_context.NowPs + 1, deadlinePs);
        _context.Schedule(_timerAtPs - _context.NowPs, new Engine.Timer(TimerId, (ulong)_number));
    }
}
