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
internal abstract class Train(TrainRoute route) : ITrain
{
    /// <summary>Shorter stretches cost more to prepare than they save.</summary>
    public const int FewestParts = 96;

    /// <summary>To follow more is not worth what is done in vain if somebody comes by. What recurs is not followed.</summary>
    private const int MostFollowed = 1 << 14;

    protected const int PartsBetweenMarks = 32;

    private readonly List<TravellingTlp> _boarded = [];
    private readonly List<TravellingTlp> _underWay = [];
    private readonly TrainMarks _marks = new();
    private TrainPeriod? _period;
    private int _followed;

    protected TrainProgress Progress;

    public long StopPs { get; private set; }

    public IReadOnlyCollection<ActorCell> Cells => Route.Cells;

    /// <summary>Requests that were not followed, as they do what others did before.</summary>
    public long Skipped { get; private set; }

    public ReadOnlySpan<TrainLeg> Legs => _legs;

    protected TrainRoute Route { get; } = route;

    private readonly TrainLeg[] _legs = [.. route.Legs];

    /// <summary>What was on the route when the train departed, those first that were farthest.</summary>
    protected List<TravellingTlp> Boarded => _boarded;

    protected List<TravellingTlp> UnderWay => _underWay;

    /// <summary>Takes up everything that is on the route, if it all belongs to the train.</summary>
    protected bool TryDepart(Func<IReadOnlyList<TravellingTlp>, bool> ownsAll, long nowPs)
    {
        if (!TrainBoarding.TryBoard(Route, _boarded, ownsAll, nowPs)) return false;
        Progress.Issue = new TrainTime(nowPs, 0);
        SetMark();
        _period = new TrainPeriod(_marks);
        _period.Restart();
        Compute(long.MaxValue);
        // A TLP may overtake another from then on, which the arithmetic does not follow.
        StopPs = EndPs;
        foreach (var leg in Legs) StopPs = Math.Min(StopPs, leg.OvertakenPs);
        StopPs = Math.Max(nowPs, StopPs);
        return true;
    }

    public void Dissolve(long limitPs)
    {
        RestoreBefore(limitPs);
        Compute(limitPs);
        var pool = Route.Partition.Payloads;
        Finish(pool);
        foreach (var leg in Legs)
        {
            leg.CatchUp(limitPs);
            leg.Transmitter.Arrive(in leg.State, leg.Class);
            leg.Receiver?.Arrive(in leg.State, leg.Class);
            leg.Owner?[leg.OwnerSource].Put(leg.Class, leg.State.OwedByOwner);
            leg.Arrived?.Invoke(leg.State.Counters.Passed, leg.State.Counters.PassedBytes);
            Send(leg.Owed, leg.Class, leg.OwnerWay);
            Send(leg.Returns, leg.Class, leg.Receiver is null ? leg.OwnerWay : leg.CreditWay);
        }
        Continue(isDisturbed: limitPs < StopPs);
        foreach (ref var travelling in CollectionsMarshal.AsSpan(_underWay)) Send(in travelling, Whole(in travelling, pool));
    }

    /// <summary>All as it is now.</summary>
    public virtual void Save(TrainMark mark) => mark.Take(in Progress, Legs);

    /// <summary>Whether all is as it was, by so much later, and the requests to come are alike.</summary>
    public virtual bool IsAsBefore(TrainMark before, out TrainTime by)
    {
        ref readonly var then = ref before.Progress;
        by = Progress.Issue - then.Issue;
        return Progress.Parts.Phase == then.Parts.Phase && Progress.Parts.Current.LengthBytes == then.Parts.Current.LengthBytes
            && Progress.LastAtEnd - then.LastAtEnd == by && before.IsAsBefore(Legs, by);
    }

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

    /// <summary>To be asked before each request that is followed to the end of time: goes on to a later one where what came before comes again, and says whether to follow it.</summary>
    protected bool MayFollow()
    {
        if (UnderWay.Count > 0 || ++_followed > MostFollowed) return false;
        if (_followed % PartsBetweenMarks == 0) SetMark();
        if (_period!.TryFind(this, out var before, out var period)) Skip(before, period);
        return true;
    }

    /// <summary>From here on the same happens as since a moment before, as often as there is enough left and nothing comes that depends on a share of a picosecond.</summary>
    private void Skip(TrainMark before, TrainTime period)
    {
        var bytes = Progress.Parts.Current.OffsetBytes - before.Progress.Parts.Current.OffsetBytes;
        var periods = Math.Min((Progress.Parts.LeftBytes - 1) / bytes, IsSureFor(before, period));
        if (periods > 0)
        {
            var mark = SetMark();
            (mark.Before, mark.Periods, mark.Period) = (before, periods, period);
            Repeat(mark, periods);
            Skipped += Progress.Issued - mark.Progress.Issued;
            SetMark();
        }
        else
        {
            _marks.Return(before);
        }
        _period!.Restart();
    }

    /// <summary>Periods of which it is sure that they are alike. A period of whole picoseconds leaves no choice.</summary>
    private long IsSureFor(TrainMark before, TrainTime period)
    {
        var periods = long.MaxValue;
        if (period.Share == 0) return periods;
        for (var i = 0; i < Legs.Length; i++)
        {
            if (Legs[i].State.Chances != before.Legs[i].Chances) return 0;
            periods = Math.Min(periods, Legs[i].Grazes.PeriodsUntilFree(period.Share) - 1);
        }
        return periods;
    }

    /// <summary>At a mark: does so many times what was done before.</summary>
    private void Repeat(TrainMark mark, long periods)
    {
        var by = mark.Period.Times(periods);
        ref readonly var then = ref mark.Before!.Progress;
        ref readonly var now = ref mark.Progress;
        Progress.Issued += periods * (now.Issued - then.Issued);
        Progress.BytesAtEnd += periods * (now.BytesAtEnd - then.BytesAtEnd);
        Progress.Answered += periods * (now.Answered - then.Answered);
        Progress.AnsweredBytes += periods * (now.AnsweredBytes - then.AnsweredBytes);
        Progress.Parts.Skip(periods * (now.Parts.Current.OffsetBytes - then.Parts.Current.OffsetBytes));
        for (var i = 0; i < _legs.Length; i++) _legs[i].State.Counters.Add(periods, in mark.Before.Legs[i].Counters, in mark.Legs[i].Counters);
        Shift(by);
    }

    /// <summary>All times are later.</summary>
    protected virtual void Shift(TrainTime by)
    {
        Progress.Issue += by;
        Progress.LastAtEnd += by;
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

    protected TrainMark SetMark()
    {
        var mark = _marks.Rent();
        Save(mark);
        _marks.Add(mark);
        return mark;
    }

    /// <summary>All as it was at a mark.</summary>
    protected virtual void Restore(TrainMark mark)
    {
        _underWay.Clear();
        Progress = mark.Progress;
        mark.Restore(Legs);
    }

    /// <summary>As late as may be for following everything that is under way at a time.</summary>
    private void RestoreBefore(long limitPs)
    {
        var mark = _marks.LastBefore(limitPs);
        Restore(mark);
        if (mark.Periods == 0) return;
        var periods = mark.Period.CountBefore(limitPs - 1 - mark.Progress.LastAtEnd.Ps);
        Repeat(mark, Math.Min(periods, mark.Periods));
    }

    private static void Send(CreditFlow credits, FlowControlClass flowControlClass, Channel? way)
    {
        for (; !credits.IsEmpty; credits.Take())
        {
            var (time, headers, data) = credits.Next;
            way!.Enqueue(Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, headers, data)), time.Ps);
        }
    }

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
        var way = at.Place == TravelPlace.OnTheWay ? leg.Way : leg.Inside!;
        way.Enqueue(Message.Of(in tlp, at.TailPs), at.TimePs);
    }
}

/// <summary>How far everything of a train is, but for the legs.</summary>
internal struct TrainProgress
{
    public RequestSplitter Parts;

    /// <summary>Of <see cref="Parts"/>, the part in hand is still to be sent.</summary>
    public bool HasPart;

    /// <summary>Of those on the route when the train departed: the next to be followed, and how many got to their end.</summary>
    public int NextBoarded, BoardedAtEnd;

    /// <summary>Requests sent.</summary>
    public long Issued;

    /// <summary>When the last request departed, or the next may.</summary>
    public TrainTime Issue;

    /// <summary>Of the transfer, those that got to their end.</summary>
    public long BytesAtEnd;

    /// <summary>After all that is followed has got to its end, and that has become known.</summary>
    public TrainTime LastAtEnd;

    /// <summary>Reads answered whole, and the bytes that their completer has read.</summary>
    public long Answered;
    public long AnsweredBytes;
}
