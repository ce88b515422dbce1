using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// A train of reads and their completions. A request goes up the route, waits for the memory at its end, and its completions come down; the next one goes as soon
/// as the way is open and one of the requests before has given back its tag. One way and one memory answer all, so they are answered in order.
/// </summary>
internal sealed class ReadTrain : Train
{
    private readonly IReadTrainLoad _load;
    private readonly TrainAnswer _answer;
    private readonly long _departedPs;
    private TrainCourse? _course;

    /// <summary>Those under way at the departure, and then those that the train sends.</summary>
    private readonly List<TrainRead> _reads;
    private readonly int _outstanding;

    /// <summary>The number of the first in <see cref="_reads"/>: what comes before does not matter any more.</summary>
    private long _firstRead;

    /// <summary>What had been sent, or for a train from the first request on what is sent in the message behind which it departs, is sent whatever ends it.</summary>
    private readonly long _sentBeforePs;

    /// <summary>What had come of the transfer before the departure.</summary>
    private readonly long _bytesBefore;

    /// <summary>From here on the bytes come from memory, those before from completions that are boarded.</summary>
    private long _firstFromMemory;

    private ReadTrain(TrainRoute route, IReadTrainLoad load, TrainShed shed, long nowPs, IEnumerable<TrainLeg> legs)
        : base(route, legs, shed)
    {
        (_load, _answer, _departedPs) = (load, route.Answer!, nowPs);
        _reads = new List<TrainRead>(2 * load.Outstanding.Count);
        TakeOutstanding();
        _outstanding = _reads.Count;
        (Progress.Parts, Progress.HasPart) = (load.Parts, true);
        _sentBeforePs = _outstanding == 0 ? nowPs + 1 : nowPs;
        var bytesBefore = _outstanding == 0 ? load.Parts.Current.OffsetBytes : EndOf(_reads[0].Part) - load.Outstanding[0].RemainingBytes;
        _firstFromMemory = _bytesBefore = Progress.BytesAtEnd = bytesBefore;
    }

    /// <inheritdoc cref="WriteTrain.TryDepart"/>
    public static Train? TryDepart(TrainRoute route, IReadTrainLoad load, TrainShed shed, long nowPs)
    {
        var source = route.Memory!.Span((long)(route.Range.Base + route.MemoryShift - route.Legs[route.Turn - 1].AddressShift), (int)route.Range.Size);
        if (load.Bytes.Span.Overlaps(source) || (load.Outstanding.Count == 0 && IsAnythingDue(route, nowPs))) return null;
        var train = new ReadTrain(route, load, shed, nowPs, route.Legs);
        return train.TryDepart(train.OwnsAll, timetable: null, nowPs) ? train : null;
    }

    /// <summary>Credits come now, after the first requests of a transfer have gone.</summary>
    private static bool IsAnythingDue(TrainRoute route, long nowPs)
    {
        foreach (var leg in route.Legs)
            if (IsDue(leg.OwnerWay) || IsDue(leg.CreditWay))
                return true;
        return false;

        bool IsDue(Channel? way) => way is { IsEmpty: false } && way.Head.DeliveredAtPs <= nowPs;
    }

    /// <summary>Requests that can be under way at once.</summary>
    public int Tags => _load.Tags;

    public TrainAnswer Answer => _answer;

    /// <summary>The first leg on which completions go.</summary>
    public int Turn => Route.Turn;

    /// <summary>Of the transfer, what was not sent at the departure.</summary>
    public RequestSplitter Parts => _load.Parts;

    /// <summary>Of each completion, where the parts are alike.</summary>
    public int CompletionDataCredits => CreditCounter.DataCredits(Math.Min(Parts.Current.LengthBytes, _answer.MaxPayloadBytes));

    /// <summary>Follows this train, at its departure from a free route, over other legs to where only the last completion is under way.</summary>
    /// <returns>Null if it does not get there.</returns>
    public ReadEnd? FollowOver(TrainLeg[] legs, long nowPs)
    {
        var other = new ReadTrain(Route, _load, Shed, nowPs, legs);
        other.Begin(nowPs);
        other.Compute(long.MaxValue);
        if (other.Progress.HasPart || other.UnderWay.Count > 0) return null;
        var endPs = other.EndPs;
        other.BringTo(endPs);
        if (other.UnderWay is not [{ IsLast: true } last]) return null;
        return new ReadEnd(endPs, other.Progress.Issued, other.Progress.BytesAtEnd, other.Progress.AnsweredBytes, TravelPosition.Of(last.At.Place, last.At.Leg, last.At.TimePs, last.At.TailPs), last.Completion);
    }

    protected override bool TryForesee(long nowPs, out long endPs)
    {
        _course = _outstanding == 0 ? Shed.Courses.Find(this, nowPs) : null;
        endPs = nowPs + (_course?.DurationPs ?? 0);
        return _course is not null;
    }

    protected override bool TryArrive()
    {
        // Something else may happen in the same picosecond before the last completion comes.
        if (_course is null || Route.Partition.Queue.TopPs <= StopPs) return false;
        var end = _course.Arrive(this, _departedPs);
        var parts = Parts;
        parts.Skip(parts.LeftBytes, parts.Current.LengthBytes);
        (Progress.Parts, Progress.HasPart, Progress.Issued, Progress.Answered) = (parts, false, end.Issued, end.Issued - 1);
        (Progress.BytesAtEnd, Progress.AnsweredBytes) = (end.BytesAtEnd, end.AnsweredBytes);
        _firstRead = Progress.Answered;
        _reads.Clear();
        // When it was sent does depend on batches, but nobody asks before it is answered.
        _reads.Add(new TrainRead { Part = parts.Current, SentPs = _departedPs, Done = TrainRead.NotYet });
        UnderWay.Add(new TravellingTlp { Read = _firstRead, Part = parts.Current, Completion = end.Last, IsLast = true, At = end.LastAt });
        Skipped = end.Issued;
        return true;
    }

    protected override int RequestsBetweenMarks => 128;

    protected override long LeastLeftBytes => 1;

    /// <summary>The end of the last read; where something is not known to get there, the departure of the request that does not.</summary>
    protected override long EndPs => UnderWay.Count > 0 ? Progress.Issue.Ps : Progress.HasPart ? NextIssue.Ps : _reads[^1].Done.Ps;

    /// <summary>When the next request may go, as far as tags are concerned.</summary>
    private TrainTime NextIssue
    {
        get
        {
            var freed = NextRead - Tags - _firstRead;
            return freed < 0 ? Progress.Issue : TrainTime.Later(Progress.Issue, _reads[(int)freed].Done);
        }
    }

    /// <summary>The number of the next to be sent.</summary>
    private long NextRead => _outstanding + Progress.Issued;

    protected override void Compute(long limitPs)
    {
        limitPs = Math.Max(limitPs, _sentBeforePs);
        SettleLegs(limitPs);
        var boarded = Boarded;
        while (Progress.NextBoarded < boarded.Count)
        {
            var travelling = boarded[Progress.NextBoarded++];
            if (!travelling.Tlp.IsCompletion) Ask(travelling.Read, travelling.At, limitPs);
            else if (TryEnd(travelling.Read, travelling.IsLast, travelling.EndOffset, ref travelling.At, travelling.Tlp.PayloadBytes, limitPs)) Progress.BoardedAtEnd++;
            else UnderWay.Add(travelling);
        }
        var isAhead = limitPs == long.MaxValue;
        while (Progress.HasPart && !Legs[0].State.IsBlocked)
        {
            if (isAhead && !MayFollow(repeats: false)) return;
            if (isAhead && Progress.Parts.LeftBytes == 0) SetMark();
            Progress.Issue = NextIssue;
            if (Progress.Issue.Ps >= limitPs) return;
            var (read, before) = (NextRead, Progress.Parts);
            _reads.Add(new TrainRead { Part = Progress.Parts.Current, SentPs = Progress.Issue.Ps, Done = TrainRead.NotYet });
            Progress.HasPart = Progress.Parts.MoveNext();
            Progress.Issued++;
            Ask(read, new TravelPosition(TravelPlace.Waiting, 0, Progress.Issue, Progress.Issue), limitPs);
            if (!Route.SendsAtOnce) continue;
            if (!Legs[0].State.IsBlocked)
            {
                CollectionsMarshal.AsSpan(_reads)[(int)(read - _firstRead)].SentPs = Progress.Issue.Ps;
                continue;
            }
            // It has not been made.
            (Progress.Parts, Progress.HasPart) = (before, true);
            Progress.Issued--;
            _reads.RemoveAt(_reads.Count - 1);
            UnderWay.RemoveAt(UnderWay.Count - 1);
        }
    }

    public override TrainMark Save()
    {
        var reads = ToCome();
        var done = new TrainTime[reads.Length];
        for (var i = 0; i < done.Length; i++) done[i] = reads[i].Done;
        return new TrainMark(in Progress, Legs) { Done = done };
    }

    /// <summary>Reads that may be done after the next request.</summary>
    private ReadOnlySpan<TrainRead> ToCome()
    {
        var reads = CollectionsMarshal.AsSpan(_reads);
        var first = reads.Length;
        while (first > 0 && reads[first - 1].Done > Progress.Issue) first--;
        return reads[first..];
    }

    protected override void Restore(TrainMark mark, in TrainProgress progress)
    {
        base.Restore(mark, in progress);
        _reads.Clear();
        if (Progress.NextBoarded < Boarded.Count) TakeOutstanding();
        else
            foreach (var done in mark.Done) _reads.Add(new TrainRead { Done = done });
        _firstRead = NextRead - _reads.Count;
    }

    private void TakeOutstanding()
    {
        foreach (var read in _load.Outstanding) _reads.Add(new TrainRead { Part = read.Part, Done = TrainRead.NotYet, Tag = read.Tag });
    }

    /// <summary>Follows a request to memory, and from there its completions.</summary>
    private void Ask(long read, TravelPosition at, long limitPs)
    {
        var part = _reads[(int)(read - _firstRead)].Part;
        if (at.Place != TravelPlace.AtCompleter)
        {
            if (!Follow(ref at, Route.Turn, 0, isLast: false, limitPs))
            {
                UnderWay.Add(new TravellingTlp { Read = read, Part = part, At = at });
                return;
            }
            var here = at.Time + _answer.Latency.Picoseconds;
            at = new TravelPosition(TravelPlace.AtCompleter, 0, here, here);
        }
        if (at.TimePs >= limitPs)
        {
            UnderWay.Add(new TravellingTlp { Read = read, Part = part, At = at });
            return;
        }
        var dwords = DwordsOf(in part);
        var splitter = new CompletionSplitter(part.Address & ~3ul, dwords, _answer.MaxPayloadBytes, _answer.BoundaryBytes);
        while (splitter.MoveNext())
        {
            var (offset, length) = splitter.Current;
            var isLast = offset + length == dwords;
            var end = isLast ? EndOf(in part) : part.OffsetBytes + (offset + length) * 4 - (int)(part.Address & 3);
            var position = new TravelPosition(TravelPlace.Waiting, Route.Turn, at.Time, at.Time);
            Progress.AnsweredBytes += length * 4;
            if (!TryEnd(read, isLast, end, ref position, length * 4, limitPs))
                UnderWay.Add(new TravellingTlp { Read = read, Part = part, Completion = splitter.Current, IsLast = isLast, EndOffset = end, At = position });
        }
    }

    private bool TryEnd(long read, bool isLast, long endOffset, ref TravelPosition at, int payloadBytes, long limitPs)
    {
        if (!Follow(ref at, Legs.Length, payloadBytes, isLast, limitPs)) return false;
        End(payloadBytes, at.Time, limitPs);
        Progress.BytesAtEnd = endOffset;
        if (!isLast) return true;
        CollectionsMarshal.AsSpan(_reads)[(int)(read - _firstRead)].Done = at.Time;
        Progress.Answered++;
        return true;
    }

    /// <summary>Everything that is under way, in order, and nothing else.</summary>
    private bool OwnsAll(IReadOnlyList<TravellingTlp> boarded)
    {
        if (_outstanding == 0) return boarded.Count == 0;
        var next = 0;
        var remaining = _load.Outstanding[0].RemainingBytes;
        var span = CollectionsMarshal.AsSpan(Boarded);
        foreach (ref var travelling in span)
        {
            if (next == _outstanding) return false;
            var (tag, part, total) = _load.Outstanding[next];
            var tlp = travelling.Tlp;
            if (tlp.Tag != tag) return false;
            (travelling.Read, travelling.Part) = (next, part);
            if (tlp.IsCompletion)
            {
                if (tlp.ByteCount != remaining || !tlp.HasData || tlp.IsPoisoned || tlp.Status != CompletionStatus.SuccessfulCompletion) return false;
                remaining -= Math.Min(tlp.PayloadBytes - (tlp.LowerAddress & 3), remaining);
                (travelling.IsLast, travelling.EndOffset) = (remaining == 0, EndOf(in part) - remaining);
                _firstFromMemory = travelling.EndOffset;
                if (remaining > 0) continue;
            }
            else if (remaining != part.LengthBytes) return false;
            if (++next == _outstanding) continue;
            remaining = _load.Outstanding[next].RemainingBytes;
            // Its completion overtook one of the read before: what has come is not all that is before something.
            if (remaining != _load.Outstanding[next].Part.LengthBytes) return false;
        }
        return next == _outstanding;
    }

    protected override void Finish(PayloadPool pool)
    {
        for (var i = 0; i < Progress.BoardedAtEnd; i++)
        {
            var tlp = Boarded[i].Tlp;
            var lead = tlp.LowerAddress & 3;
            var data = tlp.Payload.Slice(lead, Math.Min(tlp.PayloadBytes - lead, tlp.ByteCount));
            data.CopyTo(_load.Bytes.Span[(int)(Boarded[i].EndOffset - data.Length)..]);
            tlp.Release(pool);
        }
        _answer.Answered?.Invoke(Progress.AnsweredBytes);
        var bytes = (int)(Progress.BytesAtEnd - _firstFromMemory);
        if (bytes > 0) Route.Memory!.Read(PlaceOf(_load.Parts.Current.Address + (ulong)(_firstFromMemory - _load.Parts.Current.OffsetBytes)), _load.Bytes.Span.Slice((int)_firstFromMemory, bytes));
    }

    protected override void Continue(bool isDisturbed)
    {
        var reads = CollectionsMarshal.AsSpan(_reads);
        var first = Math.Max(_outstanding, Progress.Answered) - _firstRead;
        var oldestBytes = Progress.Answered == NextRead ? 0 : (int)(Progress.BytesAtEnd - Math.Max(_bytesBefore, reads[(int)(Progress.Answered - _firstRead)].Part.OffsetBytes));
        _load.Settle((int)Progress.Answered, reads[(int)first..], oldestBytes);
        _load.Continue(in Progress.Parts, Progress.HasPart, Progress.Issued, isDisturbed);
    }

    protected override Tlp Whole(in TravellingTlp travelling, PayloadPool pool)
    {
        if (travelling.Tlp.IsCompletion) return travelling.Tlp;
        var part = travelling.Part;
        var request = _load.RequestFor(in part);
        request.Tag = _reads[(int)(travelling.Read - _firstRead)].Tag;
        var (offset, length) = travelling.Completion;
        if (length > 0)
        {
            var completion = Tlp.CompletionWithData(in request, _answer.Completer, offset, length, pool);
            Route.Memory!.Read(PlaceOf((part.Address & ~3ul) + (ulong)offset * 4), completion.WritablePayload);
            return completion;
        }
        var shift = Legs[travelling.At.Place == TravelPlace.AtCompleter ? Route.Turn - 1 : travelling.At.Leg].AddressShift;
        return shift == 0 ? request : request.AtAddress(request.Address + shift);
    }

    private long PlaceOf(ulong address) => (long)(address + Route.MemoryShift);

    private static long EndOf(in RequestPart part) => part.OffsetBytes + part.LengthBytes;

    private static int DwordsOf(in RequestPart part) => ((int)(part.Address & 3) + part.LengthBytes + 3) / 4;
}
