using System.Runtime.InteropServices;
using PcieFabric.Engine;

namespace PcieFabric.Ports;

/// <summary>Takes what is under way on a route out of its channels and queues, or leaves all as it is.</summary>
internal static class TrainBoarding
{
    /// <summary>The train's range, and as much more as what is under way on the route writes.</summary>
    public static AddressRange Reach(TrainRoute route)
    {
        var (first, last) = (route.AtSource.Base, route.AtSource.Last);
        foreach (var leg in route.Legs)
            foreach (var channel in (ReadOnlySpan<Channel?>)[leg.Way, leg.Inside])
                for (var i = 0; i < channel?.Count; i++)
                {
                    ref readonly var message = ref channel[i];
                    if (message.Kind != MessageKind.Tlp || !message.Tlp.IsMemoryWrite) continue;
                    var address = message.Tlp.Address - leg.AddressShift;
                    first = Math.Min(first, address);
                    last = Math.Max(last, address + (ulong)message.Tlp.PayloadBytes - 1);
                }
        return new AddressRange(first, last - first + 1);
    }

    /// <param name="lists">Get the TLPs.</param>
    /// <param name="ownsAll">Whether they are the train's.</param>
    /// <returns>False if something is under way that is not, or the memory at the end was borrowed and is no more.</returns>
    public static bool TryBoard(TrainRoute route, TrainLists lists, Func<IReadOnlyList<TravellingTlp>, bool> ownsAll, long nowPs)
    {
        if (route.Borrowed?.TryHold() == false) return false;
        if (TryTake(route, lists, ownsAll, nowPs)) return true;
        route.Borrowed?.LetGo();
        return false;
    }

    /// <summary>Takes up what the source of a train that rests has sent since, if all of it goes the same way.</summary>
    /// <param name="leg">The first.</param>
    /// <param name="ranges">Into which it may write.</param>
    /// <param name="boarded">Gets the TLPs besides, those first that are farthest.</param>
    public static bool TryBoardBehind(Partition partition, TrainLeg leg, ReadOnlySpan<AddressRange> ranges, List<TravellingTlp> boarded, long nowPs)
    {
        if (!leg.Way.IsInOrder) return false;
        for (var i = 0; i < leg.Way.Count; i++)
        {
            ref readonly var message = ref leg.Way[i];
            if (message.Kind != MessageKind.Tlp || !Fits(ranges, leg, in message.Tlp) || (leg.Detail is not null && message.Detail != leg.Detail)) return false;
        }
        var first = boarded.Count;
        Board(leg.Way, 0, TravelPlace.OnTheWay, leg.Detail, boarded);
        var fits = true;
        while (leg.Transmitter.TryTakeWaiting(out var tlp, out var source, out var readyAtPs))
        {
            fits &= source == leg.Source && Fits(ranges, leg, in tlp);
            boarded.Add(Waiting(in tlp, 0, source, readyAtPs, nowPs));
        }
        if (fits)
        {
            partition.Empty(leg.Way);
            return true;
        }
        for (var i = first; i < boarded.Count; i++)
            if (boarded[i].At is { Place: TravelPlace.Waiting })
                PutBack(leg, boarded[i]);
        boarded.RemoveRange(first, boarded.Count - first);
        return false;
    }

    private static bool Fits(ReadOnlySpan<AddressRange> ranges, TrainLeg leg, in Tlp tlp)
    {
        if (!tlp.IsMemoryWrite || !HasFormOf(leg, in tlp)) return false;
        foreach (var range in ranges)
            if (range.Contains(tlp.Address - leg.AddressShift, (ulong)tlp.ReachBytes))
                return true;
        return false;
    }

    private static bool TryTake(TrainRoute route, TrainLists lists, Func<IReadOnlyList<TravellingTlp>, bool> ownsAll, long nowPs)
    {
        foreach (var leg in route.Legs)
        {
            if (!CanTakeTlps(route, leg, leg.Way, leg.Detail) || !CanTakeTlps(route, leg, leg.Inside, leg.InsideDetail)) return false;
            if (!CanTakeCredits(leg.OwnerWay, leg.Class) || !CanTakeCredits(leg.CreditWay, leg.Class)) return false;
        }
        var atCompleter = route.Answer?.Way as Channel;
        if (!CanTakeTlps(route, route.Legs[Math.Min(route.Turn, route.Legs.Count) - 1], atCompleter, detail: null) || !TryTakeWaiting(route, lists.Waiting, nowPs)) return false;
        var boarded = lists.Boarded;
        var waiting = CollectionsMarshal.AsSpan(lists.Waiting);
        for (var i = route.Legs.Count - 1; i >= 0; i--)
        {
            var leg = route.Legs[i];
            if (i == route.Turn - 1) Board(atCompleter, i, TravelPlace.AtCompleter, detail: null, boarded);
            Board(leg.Inside, i, TravelPlace.Inside, leg.InsideDetail, boarded);
            Board(leg.Way, i, TravelPlace.OnTheWay, leg.Detail, boarded);
            var first = waiting.Length;
            while (first > 0 && waiting[first - 1].BoardedOn == i) first--;
            boarded.AddRange(waiting[first..]);
            waiting = waiting[..first];
        }
        if (!ownsAll(boarded))
        {
            PutBack(route, lists.Waiting);
            return false;
        }
        atCompleter?.Clear();
        foreach (var leg in route.Legs)
        {
            leg.Inside?.Clear();
            leg.Way.Clear();
            TakeCredits(leg.OwnerWay, leg.Receiver is null ? leg.Returns : leg.Owed);
            TakeCredits(leg.CreditWay, leg.Returns);
        }
        route.Partition.Queue.RemoveAll(id => route.Partition.ChannelAt(id).Count == 0);
        return true;
    }

    private static bool CanTakeTlps(TrainRoute route, TrainLeg leg, Channel? channel, uint? detail)
    {
        if (channel is null) return true;
        if (!channel.IsInOrder) return false;
        for (var i = 0; i < channel.Count; i++)
        {
            ref readonly var message = ref channel[i];
            if (message.Kind != MessageKind.Tlp || !Fits(route, leg, in message.Tlp) || (detail is not null && message.Detail != detail)) return false;
        }
        return true;
    }

    private static bool Fits(TrainRoute route, TrainLeg leg, in Tlp tlp) =>
        (tlp.IsCompletion || (tlp.IsMemoryRead ? route.Answer is not null : tlp.IsMemoryWrite) && route.Contains(tlp.Address - leg.AddressShift, (ulong)tlp.ReachBytes))
        && HasFormOf(leg, in tlp);

    /// <summary>But for its length it is like all that a train sends over the leg.</summary>
    private static bool HasFormOf(TrainLeg leg, in Tlp tlp) =>
        tlp.FlowControlClass == leg.Class && !tlp.IsPoisoned && Links.TlpWireSize.Bytes(in tlp) - tlp.PayloadBytes == leg.OverheadBytes;

    private static bool CanTakeCredits(Channel? channel, FlowControlClass flowControlClass)
    {
        if (channel is null) return true;
        if (!channel.IsInOrder) return false;
        for (var i = 0; i < channel.Count; i++)
        {
            ref readonly var message = ref channel[i];
            if (message.Kind != MessageKind.CreditReturn || message.Read<CreditReturn>().FlowControlClass != flowControlClass) return false;
        }
        return true;
    }

    private static bool TryTakeWaiting(TrainRoute route, List<TravellingTlp> waiting, long nowPs)
    {
        var fits = true;
        for (var i = 0; i < route.Legs.Count; i++)
        {
            var leg = route.Legs[i];
            while (leg.Transmitter.TryTakeWaiting(out var tlp, out var source, out var readyAtPs))
            {
                waiting.Add(Waiting(in tlp, i, source, readyAtPs, nowPs));
                fits &= (source == leg.Source || i == route.Turn) && Fits(route, leg, in tlp);
            }
        }
        if (!fits) PutBack(route, waiting);
        return fits;
    }

    private static void PutBack(TrainRoute route, List<TravellingTlp> waiting)
    {
        foreach (ref readonly var tlp in CollectionsMarshal.AsSpan(waiting)) PutBack(route.Legs[tlp.BoardedOn], in tlp);
    }

    private static void PutBack(TrainLeg leg, in TravellingTlp tlp) => leg.Transmitter.PutWaiting(in tlp.Tlp, tlp.Source, tlp.At.TimePs + tlp.At.TailPs);

    private static TravellingTlp Waiting(in Tlp tlp, int leg, int source, long readyAtPs, long nowPs)
    {
        // The tail of what waits may still be on its way here.
        var hereSincePs = Math.Min(readyAtPs, nowPs);
        return new TravellingTlp { Tlp = tlp, BoardedOn = leg, At = TravelPosition.Of(TravelPlace.Waiting, leg, hereSincePs, readyAtPs - hereSincePs), Source = source };
    }

    private static void Board(Channel? channel, int leg, TravelPlace place, uint? detail, List<TravellingTlp> boarded)
    {
        for (var i = 0; i < channel?.Count; i++)
        {
            ref readonly var message = ref channel[i];
            boarded.Add(new TravellingTlp { Tlp = message.Tlp, BoardedOn = leg, At = TravelPosition.Of(place, leg, message.DeliveredAtPs, detail is null ? message.TailPs : 0) });
        }
    }

    private static void TakeCredits(Channel? channel, CreditFlow flow)
    {
        for (var i = 0; i < channel?.Count; i++)
        {
            ref readonly var message = ref channel[i];
            var credits = message.Read<CreditReturn>();
            flow.Add(new TrainTime(message.DeliveredAtPs, 0), credits.Headers, credits.Data);
        }
        channel?.Clear();
    }
}
