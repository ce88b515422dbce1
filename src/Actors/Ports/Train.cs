using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// Requests of one transfer, on their way over one route that nobody else uses, with one copy of the bytes. Each TLP has the times that it would have as a message: a
/// TLP never waits for a later one, so each is followed from its source to its end, one after the other, by additions and comparisons only.
/// </summary>
/// <remarks>
/// What would happen is computed when the train departs, and done when it dissolves: at the end, or when somebody else sends to an actor on its route. Then everything
/// before that time is done and the rest becomes messages again, computed anew from the last mark before.
/// </remarks>
/// <param name="legs">Of the route, or others that are like them.</param>
/// <param name="shed">Has the lists, and gets them back.</param>
internal abstract class Train(TrainRoute route, IEnumerable<TrainLeg> legs, TrainShed shed) : ITrain
{
    /// <summary>Shorter stretches cost more to prepare than they save.</summary>
    public const int FewestParts = 96;

    /// <summary>To follow more is not worth what is done in vain if somebody comes by. What recurs is not followed.</summary>
    private const int MostFollowed = 1 << 14;

    /// <summary>What an earlier train did on the same route is taken up after so many requests or not at all.</summary>
    private const int RequestsToJoin = 256;

    private readonly TrainLeg[] _legs = [.. legs];
    private readonly TrainLists _lists = shed.Take();
    private readonly TrainPeriod _period = new();
    private int _followed;

    protected TrainProgress Progress;

    public long StopPs { get; protected set; }

    public ActorCell? RestsAt { get; protected set; }

    public IReadOnlyCollection<ActorCell> Cells => Route.Cells;

    public IReadOnlyList<ActorCell> CellsAtSource => Route.CellsAtSource;

    /// <summary>Requests that went by a timetable; known once the train has dissolved.</summary>
    public long Skipped { get; protected set; }

    public ReadOnlySpan<TrainLeg> Legs => _legs;

    public void LetGo()
    {
        Route.Borrowed?.LetGo();
        Shed.Keep(_lists);
    }

    protected TrainRoute Route { get; } = route;

    /// <summary>What was on the route when the train departed, those first that were farthest.</summary>
    protected List<TravellingTlp> Boarded => _lists.Boarded;

    protected List<TravellingTlp> UnderWay => _lists.UnderWay;

    protected TrainShed Shed { get; } = shed;

    protected TrainTail Tail => _lists.Tail;

    private List<TrainMark> Marks => _lists.Marks;

    /// <summary>Of the transfers before.</summary>
    protected long SkippedBefore { get; private set; }

    /// <summary>The only mark now, from which all can be followed that has not got to its end.</summary>
    protected void BeginWith(TrainMark mark)
    {
        SkippedBefore += SkippedUpTo(Marks.Count - 1);
        Marks.Clear();
        Marks.Add(mark);
    }

    /// <inheritdoc/>
    public virtual bool TryRest() => false;

    /// <summary>Takes up everything that is on the route, if it all belongs to the train.</summary>
    protected bool TryDepart(Func<IReadOnlyList<TravellingTlp>, bool> ownsAll, TrainTimetable? timetable, long nowPs)
    {
        if (timetable?.IsFor(this) == true) Timetable = timetable;
        if (!TrainBoarding.TryBoard(Route, _lists, ownsAll, nowPs))
        {
            Shed.Keep(_lists);
            return false;
        }
        Depart(nowPs);
        return true;
    }

    /// <summary>Computes all that will come, unless that is known.</summary>
    protected void Depart(long nowPs)
    {
        Begin(nowPs);
        if (TryForesee(nowPs, out var endPs))
        {
            StopPs = endPs;
            return;
        }
        Compute(long.MaxValue);
        // A TLP may overtake another from then on, which the arithmetic does not follow.
        StopPs = EndPs;
        foreach (var leg in Legs) StopPs = Math.Min(StopPs, leg.OvertakenPs);
        StopPs = Math.Max(nowPs, StopPs);
    }

    protected void Begin(long nowPs)
    {
        Progress.Issue = new TrainTime(nowPs, 0);
        _followed = 0;
        _period.Restart();
        SetMark();
    }

    public virtual void Dissolve(long limitPs, bool isPause)
    {
        if (isPause || limitPs < StopPs || !TryArrive()) BringTo(limitPs);
        var pool = Route.Partition.Payloads;
        Finish(pool);
        foreach (var leg in Legs)
        {
            leg.CatchUp(limitPs);
            if (RestsAt is null || leg != Legs[0]) leg.Transmitter.Arrive(in leg.State, leg.Class);
            leg.Receiver?.Arrive(in leg.State, leg.Class);
            leg.Owner?[leg.OwnerSource].Put(leg.Class, leg.State.OwedByOwner);
            leg.Arrived?.Invoke(leg.State.Counters.Passed, leg.State.Counters.PassedBytes);
            Send(leg.Owed, leg.Class, leg.OwnerWay);
            Send(leg.Returns, leg.Class, leg.Receiver is null ? leg.OwnerWay : leg.CreditWay);
        }
        if (RestsAt is null) Continue(isDisturbed: !isPause && limitPs < StopPs);
        foreach (ref var travelling in CollectionsMarshal.AsSpan(UnderWay)) Send(in travelling, Whole(in travelling, pool));
    }

    /// <summary>All as it is when everything before a time has happened.</summary>
    protected void BringTo(long limitPs)
    {
        RestoreBefore(limitPs);
        Compute(limitPs);
    }

    /// <summary>Whether nothing is to be followed, as it is known how the train ends.</summary>
    protected virtual bool TryForesee(long nowPs, out long endPs)
    {
        endPs = 0;
        return false;
    }

    /// <summary>Brings the train to its end, if that was foreseen.</summary>
    protected virtual bool TryArrive() => false;

    /// <summary>By which this train goes, or one before it on the same route.</summary>
    public TrainTimetable? Timetable { get; private set; }

    /// <summary>All as it is now.</summary>
    public virtual TrainMark Save() => new(in Progress, Legs);

    /// <summary>Whether all is as it was but later, and the requests to come are alike.</summary>
    public bool IsAsBefore(TrainMark before)
    {
        var by = Progress.Issue - before.Progress.Issue;
        return IsAlike(in before.Progress) && Progress.LastAtEnd - before.Progress.LastAtEnd == by && before.IsAsBefore(Legs, by);
    }

    private bool IsAlike(in TrainProgress before) =>
        Progress.Parts.Current.LengthBytes == before.Parts.Current.LengthBytes && Progress.Parts.Phase == before.Parts.Phase && Progress.HasPart == before.HasPart;

    /// <summary>Of the transfer, to be followed at its end.</summary>
    protected abstract long LeastLeftBytes { get; }

    /// <summary>Few, and less is done twice; many, and less is kept.</summary>
    protected abstract int RequestsBetweenMarks { get; }

    /// <summary>How far what was computed is known to be right.</summary>
    protected abstract long EndPs { get; }

    /// <summary>Follows one TLP after the other, as far as each gets before a time.</summary>
    protected abstract void Compute(long limitPs);

    /// <summary>Moves the bytes that got to their end.</summary>
    protected abstract void Finish(PayloadPool pool);

    /// <summary>Lets the requester go on from here.</summary>
    protected abstract void Continue(bool isDisturbed);

    /// <summary>A TLP as it is where it is, with its payload.</summary>
    protected abstract Tlp Whole(in TravellingTlp travelling, PayloadPool pool);

    protected void SettleLegs(long limitPs)
    {
        foreach (var leg in Legs) leg.Settle(limitPs);
    }

    /// <summary>To be asked before each request that is followed to the end of time: says whether to follow it.</summary>
    /// <param name="repeats">Goes on to a later one where it is known what comes till then.</param>
    protected bool MayFollow(bool repeats)
    {
        if (UnderWay.Count > 0 || ++_followed > MostFollowed) return false;
        if (repeats) Repeat();
        if (_followed % RequestsBetweenMarks == 0) SetMark();
        return true;
    }

    private void Repeat()
    {
        if (Progress.Parts.LeftBytes < LeastLeftBytes) return;
        if (_followed <= RequestsToJoin && Timetable is not null) Join(Timetable);
        if (_period.Find(this) is not { } timetable) return;
        Timetable = timetable;
        GoBy(timetable, default, timetable.MomentsPerPeriod);
    }

    /// <summary>Goes by a timetable from one of its moments on, if this is one.</summary>
    private void Join(TrainTimetable timetable)
    {
        var key = TrainTimetable.KeyOf(Legs);
        for (var moment = -1; (moment = timetable.FindLike(key, moment + 1)) >= 0;)
        {
            var mark = timetable[moment];
            if (!IsAlike(in mark.Progress) || !IsLaterThan(mark, out var by)) continue;
            if ((mark.Progress.LastAtEnd + by).Ps != Progress.LastAtEnd.Ps || !mark.IsLikeBefore(Legs, by)) continue;
            GoBy(timetable, by, moment);
            return;
        }
    }

    /// <summary>How much later this is, by the clock of a wire that was busy all the time; if there is none, by the requests.</summary>
    private bool IsLaterThan(TrainMark mark, out TrainTime by)
    {
        for (var i = 0; i < Legs.Length; i++)
        {
            if (!Legs[i].State.HasWire || !mark.Legs[i].HasOwnShare) continue;
            by = Legs[i].State.WireFree - mark.Legs[i].WireFree;
            return Legs[i].State.HasOwnShare && (mark.Progress.Issue + by).Ps == Progress.Issue.Ps;
        }
        by = new TrainTime(Progress.Issue.Ps - mark.Progress.Issue.Ps, 0);
        return true;
    }

    private void GoBy(TrainTimetable timetable, TrainTime shift, long first)
    {
        var last = TrainStretch.LastOf(timetable, in Progress, shift, first, LeastLeftBytes);
        if (last <= first) return;
        var stretch = new TrainStretch(timetable, Save(), shift, first) { Last = last };
        stretch.At.Stretch = stretch;
        Marks.Add(stretch.At);
        GoTo(stretch, stretch.Last);
        SetMark();
        _period.Restart();
    }

    /// <summary>All as it is at a moment of a timetable.</summary>
    private void GoTo(TrainStretch stretch, long moment)
    {
        var mark = stretch.Timetable[moment];
        Restore(mark, stretch.ProgressAt(moment));
        Shift(stretch.LaterBy(moment));
        for (var i = 0; i < _legs.Length; i++) _legs[i].State.Counters = stretch.CountersAt(moment, i);
    }

    /// <summary>All times but those of <see cref="Progress"/> are later.</summary>
    private void Shift(TrainTime by)
    {
        foreach (var leg in Legs)
        {
            leg.State.Shift(by);
            leg.Returns.Shift(by);
            leg.Owed.Shift(by);
        }
    }

    /// <summary>Follows a TLP up to the end of a leg.</summary>
    /// <param name="at">In: where it is. Out: where it gets before the limit; at the end only the time counts.</param>
    /// <param name="end">Behind the last leg.</param>
    /// <param name="isLast">Of the completions of a read, whose place it frees.</param>
    /// <returns>Whether it gets to the end.</returns>
    protected bool Follow(ref TravelPosition at, int end, int payloadBytes, bool isLast, long limitPs)
    {
        var (place, index, time, tail) = at;
        var data = CreditCounter.DataCredits(payloadBytes);
        while (true)
        {
            var leg = _legs[index];
            if (place == TravelPlace.Waiting)
            {
                var ready = tail;
                if (!leg.TryDepart(time, ref tail, payloadBytes, limitPs, out var departs, out var free, out var arrives))
                {
                    at = new TravelPosition(place, index, ready, ready);
                    return false;
                }
                if (index == 0) Progress.Issue = departs;
                else if (index != Route.Turn) _legs[index - 1].Free(data, free, limitPs);
                else if (isLast) _legs[index - 1].Free(0, free, limitPs);
                time = arrives;
                place = TravelPlace.OnTheWay;
            }
            if (place == TravelPlace.OnTheWay)
            {
                if (time.Ps >= limitPs)
                {
                    at = new TravelPosition(place, index, time, tail);
                    return false;
                }
                if (leg.Receiver is not null) leg.Receive(payloadBytes);
                if (leg.IsFreedOnArrival) leg.Free(data, time, limitPs);
                if (leg.Inside is not null) (time, tail) = (time + leg.InsidePs, tail + leg.InsidePs);
            }
            if (leg.Inside is not null && time.Ps >= limitPs)
            {
                at = new TravelPosition(TravelPlace.Inside, index, time, tail);
                return false;
            }
            leg.Pass(payloadBytes);
            place = TravelPlace.Waiting;
            if (++index < end) continue;
            at = new TravelPosition(place, index, time, time);
            return true;
        }
    }

    /// <summary>A TLP ends where the route does.</summary>
    protected void End(int payloadBytes, TrainTime at, long limitPs)
    {
        var leg = Legs[^1];
        if (!leg.IsFreedOnArrival) leg.Free(CreditCounter.DataCredits(payloadBytes), at, limitPs);
        Progress.LastAtEnd = at + SourceCredits.LatencyPs;
    }

    protected void SetMark()
    {
        var mark = Save();
        Marks.Add(mark);
        _period.Add(mark);
    }

    /// <summary>All as it was at a mark, but for how far the train is.</summary>
    protected virtual void Restore(TrainMark mark, in TrainProgress progress)
    {
        UnderWay.Clear();
        Progress = progress;
        mark.Restore(Legs);
    }

    /// <summary>As late as may be for following everything that is under way at a time.</summary>
    protected void RestoreBefore(long limitPs)
    {
        var at = Math.Max(0, Marks.FindLastIndex(m => m.Progress.LastAtEnd.Ps < limitPs));
        var mark = Marks[at];
        if (mark.Stretch is { } stretch) GoTo(stretch, stretch.LastBefore(limitPs));
        else Restore(mark, in mark.Progress);
        Skipped = SkippedBefore + SkippedUpTo(at);
    }

    /// <summary>Requests that went by a timetable up to the mark from which the train is now.</summary>
    private long SkippedUpTo(int mark)
    {
        var skipped = 0L;
        for (var i = 0; i <= mark; i++)
            if (Marks[i].Stretch is { } stretch)
                skipped += (i < mark ? stretch.ProgressAt(stretch.Last).Issued : Progress.Issued) - stretch.At.Progress.Issued;
        return skipped;
    }

    private static void Send(CreditFlow credits, FlowControlClass flowControlClass, Channel? way)
    {
        for (; !credits.IsEmpty; credits.Take()) Send(in credits.Next, flowControlClass, way!);
    }

    protected static void Send(in CreditFlow.Credits credits, FlowControlClass flowControlClass, Channel way) =>
        way.Enqueue(Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, credits.Headers, credits.Data)), credits.Time.Ps);

    private void Send(in TravellingTlp travelling, in Tlp tlp)
    {
        var at = travelling.At;
        if (at.Place == TravelPlace.AtCompleter)
        {
            ((Channel)Route.Answer!.Way).Enqueue(Message.Of(in tlp), at.TimePs);
            return;
        }
        var leg = Legs[at.Leg];
        if (at.Place == TravelPlace.Waiting)
        {
            leg.Transmitter.PutWaiting(in tlp, at.Leg == Route.Turn && travelling.IsLast ? Route.Answer!.LastSource : leg.Source, at.TimePs);
            return;
        }
        var (way, detail) = at.Place == TravelPlace.OnTheWay ? (leg.Way, leg.Detail) : (leg.Inside!, leg.InsideDetail);
        way.Enqueue(Message.Of(in tlp, detail ?? at.TailPs), at.TimePs);
    }
}
