using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <content>
/// A posted write has no answer: for its software a transfer is over when the last request has left, with many still under way, and as a rule the next one follows in that picosecond. So a train
/// that nobody disturbed rests there. It lets its source go on, which is the one actor that has something to do then, and stays what it is behind it, so that it can go on with the next transfer.
/// </content>
internal sealed partial class WriteTrain
{
    /// <summary>More requests than these do not leave at once.</summary>
    private const int MostAtOnce = 256;

    /// <summary>Of those boarded, the first ones, which belong to the transfer of the tail: its source sent them by itself when the train came to rest.</summary>
    private int _behindTail;

    /// <summary>It rests until all that is under way has got to its end, or its source goes on.</summary>
    private bool _isDraining;

    /// <summary>Messages to the source's neighbour, kept aside while the train puts what it sent before.</summary>
    private List<Message>? _sentSince;

    /// <summary>What the load may write.</summary>
    private AddressRange _range;

    /// <summary>On which the source gets its credits.</summary>
    private Channel CreditsToSource => Legs[0].Receiver is null ? Legs[0].OwnerWay! : Legs[0].CreditWay!;

    /// <summary>Whether the next credits let all that is left go at once but for the last request, which its software then has sent.</summary>
    private bool IsLastGroup(out long atPs)
    {
        atPs = NotKnown;
        var (leg, parts) = (Legs[0], Progress.Parts);
        if (leg.Returns.IsEmpty || parts.LeftBytes > (long)MostAtOnce * parts.Current.LengthBytes) return false;
        var (credits, next) = (leg.State.Credits, 0);
        var timePs = Progress.Issue.Ps;
        TakeUpTo(timePs, ref next, ref credits);
        while (!credits.Allow(CreditCounter.DataCredits(PayloadBytesOf(parts.Current))))
        {
            if (next == leg.Returns.Count) return false;
            timePs = leg.Returns[next].Time.Ps;
            TakeUpTo(timePs, ref next, ref credits);
        }
        if (timePs == Progress.Issue.Ps) return false;
        for (; parts.LeftBytes > 0; parts.MoveNext())
            if (!credits.TryConsume(CreditCounter.DataCredits(PayloadBytesOf(parts.Current))))
                return false;
        // Where none waits at the transmitter, the last one has to go too.
        if (Route.SendsAtOnce && !credits.TryConsume(CreditCounter.DataCredits(PayloadBytesOf(parts.Current)))) return false;
        atPs = timePs;
        return true;
    }

    private void TakeUpTo(long timePs, ref int next, ref ClassCredits credits)
    {
        var leg = Legs[0];
        for (; next < leg.Returns.Count && leg.Returns[next].Time.Ps <= timePs; next++) credits.Return(leg.Class, leg.Returns[next].Headers, leg.Returns[next].Data);
    }

    public override bool TryRest()
    {
        if (RestsAt is not null) return TryDrain();
        // What is borrowed is held by this train for this range; a later one asks anew.
        if (!Route.LeavesSourceForGood || Route.Borrowed is not null || !Shed.MayRest() || StopPs != _lastGroupPs || UnderWay.Count > 0) return false;
        var end = Save();
        RestoreBefore(StopPs);
        if (Progress.LastAtEnd.Ps >= StopPs || Progress.IsBeforeSeam || Progress.NextBoarded < Boarded.Count) return false;

        Finish(Route.Partition.Payloads);
        Boarded.Clear();
        _behindTail = 0;
        TakeTail(end);
        (Progress.IsBeforeSeam, Progress.TailLeft, Progress.TailBytesAtEnd) = (true, end.Progress.Issued - Progress.Issued, 0);
        (Progress.Issued, Progress.BytesAtEnd, Progress.NextBoarded, Progress.BoardedAtEnd) = (0, 0, 0, 0);
        BeginWith(Save());
        Restore(end, in end.Progress);
        ReleaseSource();
        return true;
    }

    private void TakeTail(TrainMark end)
    {
        var first = Progress.Parts.Current;
        var bytes = (int)(end.Progress.BytesAtEnd - Progress.BytesAtEnd);
        Tail.Take(_load.RequestFor(in first), in first, _load.Bytes.Span.Slice((int)first.OffsetBytes, bytes), end.ReturnsOfFirstLeg);
    }

    /// <summary>All before now has come about at the source, and it hears of its credits by itself.</summary>
    private void ReleaseSource()
    {
        var (leg, pool) = (Legs[0], Route.Partition.Payloads);
        var (state, next) = (leg.State, 0);
        TakeUpTo(StopPs - 1, ref next, ref state.Credits);
        leg.Transmitter.Arrive(in state, leg.Class);
        for (; next < leg.Returns.Count; next++) Send(in leg.Returns[next], leg.Class, CreditsToSource);
        if (Route.SendsAtOnce)
        {
            _load.Continue(in Progress.Parts, hasPart: true, Progress.Issued, isDisturbed: false);
        }
        else
        {
            var part = Progress.Parts.Current;
            Progress.Parts.MoveNext();
            _load.Continue(in Progress.Parts, hasPart: true, Progress.Issued + 1, isDisturbed: false);
            leg.Transmitter.PutWaiting(Whole(in part, pool), leg.Source, Progress.Issue.Ps);
        }
        RestsAt = Route.Source;
        StopPs++;
    }

    /// <summary>
    /// A device goes on a little later than in that picosecond. Until then, or until it has got to its end, what is under way stays with the train, and so do the last requests, which have left by now.
    /// </summary>
    private bool TryDrain()
    {
        var leg = Legs[0];
        if (_isDraining || !Route.SendsAtOnce || !TrainBoarding.TryBoardBehind(Route.Partition, leg, [_range], Boarded, StopPs)) return false;
        (_isDraining, _behindTail) = (true, Boarded.Count);
        (Progress.BytesAtEnd, Progress.Issued) = (0, 0);
        (Progress.TailBytesAtEnd, Progress.NextBoarded, Progress.BoardedAtEnd) = (Tail.Bytes, 0, 0);
        var returns = leg.Returns.Count;
        FollowBoarded(_behindTail, long.MaxValue);
        if (UnderWay.Count > 0) return false;
        for (; returns < leg.Returns.Count; returns++) Send(in leg.Returns[returns], leg.Class, CreditsToSource);
        Tail.Returns = returns;
        StopPs = Math.Max(StopPs, Progress.LastAtEnd.Ps + 1);
        return true;
    }

    protected override bool TryArrive()
    {
        if (!_isDraining || UnderWay.Count > 0) return false;
        Legs[0].Returns.Take(Tail.ReturnsGone);
        return true;
    }

    /// <summary>Goes on with what its source has next.</summary>
    /// <param name="route">As the actors say now.</param>
    /// <returns>False if it cannot; then it still rests.</returns>
    public bool TryGoOn(TrainRoute route, ITrainLoad load, long nowPs)
    {
        if (!IsSameWay(route) || IsOwnSource(route, load, route.AtSource) || IsOwnSource(route, load, _range)) return false;
        if (route.Legs[0].Transmitter.Waiting == 0 && !route.SendsAtOnce) return false;
        var leg = Legs[0];
        if (!TrainBoarding.TryBoardBehind(Route.Partition, leg, [_range, route.AtSource], Boarded, nowPs)) return false;
        TakeBackCredits();
        Tail.Source = route.Legs[0].State;
        (_load, _range, RestsAt, _isDraining) = (load, route.AtSource, null, false);
        _firstByte = load.Parts.Current.OffsetBytes;
        Progress.BytesAtEnd = Progress.Issued = 0;
        (Progress.TailBytesAtEnd, Progress.NextBoarded, Progress.BoardedAtEnd) = (Tail.Bytes, _behindTail, _behindTail);

        Shed.Rested(hasGoneOn: true);
        PassSeam();
        Depart(nowPs);
        return true;
    }

    private bool IsSameWay(TrainRoute route)
    {
        var legs = Legs;
        if (route.Memory != Route.Memory || route.Borrowed is not null || route.MemoryShift != Route.MemoryShift || route.Legs.Count != legs.Length || route.Cells.Count != Route.Cells.Count) return false;
        foreach (var cell in route.Cells)
            if (cell.Train != this && !Route.CellsAtSource.Contains(cell))
                return false;
        for (var i = 0; i < legs.Length; i++)
            if (!legs[i].IsLike(route.Legs[i]) || legs[i].AddressShift != route.Legs[i].AddressShift)
                return false;
        return true;
    }

    /// <summary>Of the credits that the source was to get, those that it has not got are the train's again.</summary>
    private void TakeBackCredits()
    {
        var way = CreditsToSource;
        Tail.ReturnsGone = Tail.Returns - way.Count;
        Route.Partition.Empty(way);
    }

    /// <summary>Follows the tail anew, and what came then.</summary>
    private void FollowTail(long limitPs)
    {
        for (; Progress.TailLeft > 0; Progress.TailLeft--)
            if (TryFollowNext(isOfTail: true, limitPs, out var bytes))
                Progress.TailBytesAtEnd += bytes;
        FollowBoarded(_behindTail, limitPs);
        if (RestsAt is null) PassSeam();
        else Legs[0].Returns.Take(Tail.ReturnsGone);
    }

    /// <summary>All of the tail has left the source, and the source has done what it did by itself.</summary>
    private void PassSeam()
    {
        Progress.IsBeforeSeam = false;
        Legs[0].State.DepartAnew(in Tail.Source);
        Legs[0].Returns.Take(Tail.ReturnsGone);
        Progress.Parts = _load.Parts;
        Progress.Issue = Tail.Source.LastDeparted;
    }

    public override void Dissolve(long limitPs, bool isPause)
    {
        if (RestsAt is null)
        {
            base.Dissolve(limitPs, isPause);
            return;
        }
        if (_isDraining && limitPs < StopPs && !isPause) Shed.Rested(hasGoneOn: false);
        // What the source sent since it went on comes behind what the train puts back.
        var (way, sent) = (Legs[0].Way, _sentSince ??= []);
        for (var i = 0; i < way.Count; i++) sent.Add(way[i]);
        Route.Partition.Empty(way);
        TakeBackCredits();
        base.Dissolve(limitPs, isPause);
        foreach (ref readonly var message in CollectionsMarshal.AsSpan(sent)) way.Enqueue(in message, message.DeliveredAtPs);
        sent.Clear();
    }
}
