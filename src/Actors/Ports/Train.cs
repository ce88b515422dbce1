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

    /// <summary>Longer ones are not worth what is computed in vain if somebody comes by.</summary>
    protected const int MostParts = 1 << 14;

    protected const int PartsBetweenMarks = 128;

    private readonly List<TravellingTlp> _boarded = [];
    private readonly List<TravellingTlp> _underWay = [];
    private readonly List<Mark> _marks = [];

    protected TrainProgress Progress;

    private sealed record Mark(TrainProgress Progress, (LegState State, (int, int) Returns, (int, int) Owed)[] Legs);

    public long StopPs { get; private set; }

    public IReadOnlyCollection<ActorCell> Cells => Route.Cells;

    public void LetGo() => Route.Borrowed?.LetGo();

    protected TrainRoute Route { get; } = route;

    protected TrainLeg[] Legs { get; } = [.. route.Legs];

    /// <summary>What was on the route when the train departed, those first that were farthest.</summary>
    protected List<TravellingTlp> Boarded => _boarded;

    protected List<TravellingTlp> UnderWay => _underWay;

    /// <summary>Takes up everything that is on the route, if it all belongs to the train.</summary>
    protected bool TryDepart(Func<IReadOnlyList<TravellingTlp>, bool> ownsAll, long nowPs)
    {
        if (!TrainBoarding.TryBoard(Route, _boarded, ownsAll, nowPs)) return false;
        Progress.IssuePs = nowPs;
        SetMark();
        Compute(long.MaxValue);
        // A TLP may overtake another from then on, which the arithmetic does not follow.
        StopPs = Math.Max(nowPs, Legs.Min(leg => Math.Min(leg.OvertakenPs, EndPs)));
        return true;
    }

    public void Dissolve(long limitPs, bool isPause)
    {
        Restore(_marks.FindLast(m => m.Progress.LastAtEndPs < limitPs) ?? _marks[0]);
        Compute(limitPs);
        var pool = Route.Partition.Payloads;
        Finish(pool);
        foreach (var leg in Legs)
        {
            leg.CatchUp(limitPs);
            leg.Transmitter.Arrive(in leg.State, leg.Class);
            leg.Receiver?.Arrive(in leg.State, leg.Class);
            leg.Owner?[leg.OwnerSource].Put(leg.Class, leg.State.OwedByOwner);
            leg.Arrived?.Invoke(leg.State.Passed, leg.State.PassedBytes);
            Send(leg.Owed, leg.Class, leg.OwnerWay);
            Send(leg.Returns, leg.Class, leg.Receiver is null ? leg.OwnerWay : leg.CreditWay);
        }
        Continue(isDisturbed: !isPause && limitPs < StopPs);
        foreach (ref var travelling in CollectionsMarshal.AsSpan(_underWay)) Send(in travelling, Whole(in travelling, pool));
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

    /// <summary>Follows a TLP up to the end of a leg.</summary>
    /// <param name="at">In: where it is. Out: where it gets before the limit; at the end only the time counts.</param>
    /// <param name="end">Behind the last leg.</param>
    /// <param name="isLast">Of the completions of a read, whose place it frees.</param>
    /// <returns>Whether it gets to the end.</returns>
    protected bool Follow(ref TravelPosition at, int end, int payloadBytes, bool isLast, long limitPs)
    {
        var (place, index, atPs, tailPs) = at;
        var data = CreditCounter.DataCredits(payloadBytes);
        while (true)
        {
            var leg = Legs[index];
            if (place == TravelPlace.Waiting)
            {
                var readyPs = atPs + tailPs;
                if (!leg.TryDepart(atPs, ref tailPs, payloadBytes, limitPs, out var departsPs, out var freePs, out var arrivesPs))
                {
                    at = new TravelPosition(place, index, readyPs, 0);
                    return false;
                }
                if (index == 0) Progress.IssuePs = departsPs;
                else if (index != Route.Turn) Legs[index - 1].Free(data, freePs, limitPs);
                else if (isLast) Legs[index - 1].Free(0, freePs, limitPs);
                atPs = arrivesPs;
                place = TravelPlace.OnTheWay;
            }
            if (place == TravelPlace.OnTheWay)
            {
                if (atPs >= limitPs)
                {
                    at = new TravelPosition(place, index, atPs, tailPs);
                    return false;
                }
                if (leg.Receiver is not null) leg.Receive(payloadBytes);
                if (leg.IsFreedOnArrival) leg.Free(data, atPs, limitPs);
                if (leg.Inside is not null) atPs += leg.InsidePs;
            }
            if (leg.Inside is not null && atPs >= limitPs)
            {
                at = new TravelPosition(TravelPlace.Inside, index, atPs, tailPs);
                return false;
            }
            leg.Pass(payloadBytes);
            place = TravelPlace.Waiting;
            if (++index < end) continue;
            at = new TravelPosition(place, index, atPs, 0);
            return true;
        }
    }

    /// <summary>A TLP ends where the route does.</summary>
    protected void End(int payloadBytes, long atPs, long limitPs)
    {
        var leg = Legs[^1];
        if (!leg.IsFreedOnArrival) leg.Free(CreditCounter.DataCredits(payloadBytes), atPs, limitPs);
        Progress.LastAtEndPs = atPs + SourceCredits.LatencyPs;
    }

    protected void SetMark() => _marks.Add(new Mark(Progress, [.. Legs.Select(l => (l.State, l.Returns.Place, l.Owed.Place))]));

    private void Restore(Mark mark)
    {
        _underWay.Clear();
        Progress = mark.Progress;
        for (var i = 0; i < Legs.Length; i++) (Legs[i].State, Legs[i].Returns.Place, Legs[i].Owed.Place) = mark.Legs[i];
    }

    private static void Send(CreditFlow credits, FlowControlClass flowControlClass, Channel? way)
    {
        for (; !credits.IsEmpty; credits.Take())
        {
            var (timePs, headers, data) = credits.Next;
            way!.Enqueue(Message.Of(MessageKind.CreditReturn, new CreditReturn(flowControlClass, headers, data)), timePs);
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
    public int Issued;

    /// <summary>When the last request departed, or the next may.</summary>
    public long IssuePs;

    /// <summary>Of the transfer, those that got to their end.</summary>
    public long BytesAtEnd;

    /// <summary>After all that is followed has got to its end, and that has become known.</summary>
    public long LastAtEndPs;

    /// <summary>Reads answered whole, and the bytes that their completer has read.</summary>
    public int Answered;
    public long AnsweredBytes;
}
