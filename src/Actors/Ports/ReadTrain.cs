using System.Runtime.InteropServices;
using PcieFabric.Engine;

namespace PcieFabric.Ports;

/// <summary>
/// A train of reads and their completions. A request goes up the route, waits for the memory at its end, and its completions come down; the next one goes as soon
/// as the way is open and one of the requests before has given back its tag. One way and one memory answer all, so they are answered in order.
/// </summary>
internal sealed class ReadTrain : Train
{
    private readonly IReadTrainLoad _load;
    private readonly TrainAnswer _answer;
    private readonly int _tags;

    /// <summary>Those under way at the departure, and then those that the train sends.</summary>
    private readonly List<TrainRead> _reads;
    private readonly int _outstanding;

    /// <summary>What had come of the transfer before the departure.</summary>
    private readonly long _bytesBefore;

    /// <summary>From here on the bytes come from memory, those before from completions that are boarded.</summary>
    private long _firstFromMemory;

    private ReadTrain(TrainRoute route, IReadTrainLoad load)
        : base(route)
    {
        (_load, _answer, _tags) = (load, route.Answer!, load.Tags);
        var left = load.Parts.LeftBytes / Math.Max(1, load.Parts.Current.LengthBytes);
        _reads = new List<TrainRead>((int)Math.Min(left, MostParts) + load.Outstanding.Count + 2);
        foreach (var read in load.Outstanding) _reads.Add(new TrainRead { Part = read.Part, DonePs = long.MaxValue, Tag = read.Tag });
        _outstanding = _reads.Count;
        (Progress.Parts, Progress.HasPart) = (load.Parts, true);
        _firstFromMemory = _bytesBefore = Progress.BytesAtEnd = EndOf(_reads[0].Part) - load.Outstanding[0].RemainingBytes;
    }

    /// <inheritdoc cref="WriteTrain.TryDepart"/>
    public static Train? TryDepart(TrainRoute route, IReadTrainLoad load, long nowPs)
    {
        var source = route.Memory!.Span((long)(route.Range.Base + route.MemoryShift - route.Legs[route.Turn - 1].AddressShift), (int)route.Range.Size);
        if (load.Bytes.Span.Overlaps(source) || load.Outstanding.Count == 0) return null;
        var train = new ReadTrain(route, load);
        return train.TryDepart(train.OwnsAll, nowPs) ? train : null;
    }

    /// <summary>The end of the last read; where something is not known to get there, the departure of the request that does not.</summary>
    protected override long EndPs => Progress.HasPart || UnderWay.Count > 0 ? NextIssuePs : _reads[^1].DonePs;

    /// <summary>When the next request may go, as far as tags are concerned.</summary>
    private long NextIssuePs
    {
        get
        {
            var freed = _outstanding + Progress.Issued - _tags;
            return freed < 0 || UnderWay.Count > 0 ? Progress.IssuePs : Math.Max(Progress.IssuePs, _reads[freed].DonePs);
        }
    }

    protected override void Compute(long limitPs)
    {
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
        var sinceMark = 0;
        while (Progress.HasPart && Progress.Issued < MostParts && !Legs[0].State.IsBlocked)
        {
            // Something waits for credits that come from outside the route: what is known ends here.
            if (isAhead && UnderWay.Count > 0) return;
            if (isAhead && (++sinceMark == PartsBetweenMarks || Progress.Parts.LeftBytes == 0))
            {
                SetMark();
                sinceMark = 0;
            }
            var read = _outstanding + Progress.Issued;
            if (read >= _tags) Progress.IssuePs = Math.Max(Progress.IssuePs, _reads[read - _tags].DonePs);
            if (Progress.IssuePs >= limitPs) return;
            var sent = new TrainRead { Part = Progress.Parts.Current, SentPs = Progress.IssuePs, DonePs = long.MaxValue };
            if (read < _reads.Count) _reads[read] = sent;
            else _reads.Add(sent);
            Progress.HasPart = Progress.Parts.MoveNext();
            Progress.Issued++;
            Ask(read, new TravelPosition(TravelPlace.Waiting, 0, sent.SentPs, 0), limitPs);
        }
    }

    /// <summary>Follows a request to memory, and from there its completions.</summary>
    private void Ask(int read, TravelPosition at, long limitPs)
    {
        var part = _reads[read].Part;
        if (at.Place != TravelPlace.AtCompleter)
        {
            if (!Follow(ref at, Route.Turn, 0, isLast: false, limitPs))
            {
                UnderWay.Add(new TravellingTlp { Read = read, Part = part, At = at });
                return;
            }
            at = new TravelPosition(TravelPlace.AtCompleter, 0, at.TimePs + _answer.Latency.Picoseconds, 0);
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
            var position = new TravelPosition(TravelPlace.Waiting, Route.Turn, at.TimePs, 0);
            Progress.AnsweredBytes += length * 4;
            if (!TryEnd(read, isLast, end, ref position, length * 4, limitPs))
                UnderWay.Add(new TravellingTlp { Read = read, Part = part, Completion = splitter.Current, IsLast = isLast, EndOffset = end, At = position });
        }
    }

    private bool TryEnd(int read, bool isLast, long endOffset, ref TravelPosition at, int payloadBytes, long limitPs)
    {
        if (!Follow(ref at, Legs.Length, payloadBytes, isLast, limitPs)) return false;
        End(payloadBytes, at.TimePs, limitPs);
        Progress.BytesAtEnd = endOffset;
        if (!isLast) return true;
        CollectionsMarshal.AsSpan(_reads)[read].DonePs = at.TimePs;
        Progress.Answered++;
        return true;
    }

    /// <summary>Everything that is under way, in order, and nothing else.</summary>
    private bool OwnsAll(IReadOnlyList<TravellingTlp> boarded)
    {
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
            if (++next < _outstanding) remaining = _load.Outstanding[next].RemainingBytes;
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
        var all = _outstanding + Progress.Issued;
        var first = Math.Max(_outstanding, Progress.Answered);
        var oldestBytes = Progress.Answered == all ? 0 : (int)(Progress.BytesAtEnd - Math.Max(_bytesBefore, _reads[Progress.Answered].Part.OffsetBytes));
        _load.Settle(Progress.Answered, CollectionsMarshal.AsSpan(_reads)[first..all], oldestBytes);
        _load.Continue(in Progress.Parts, Progress.HasPart, Progress.Issued, isDisturbed);
    }

    protected override Tlp Whole(in TravellingTlp travelling, PayloadPool pool)
    {
        if (travelling.Tlp.IsCompletion) return travelling.Tlp;
        var part = travelling.Part;
        var request = _load.RequestFor(in part);
        request.Tag = _reads[travelling.Read].Tag;
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
