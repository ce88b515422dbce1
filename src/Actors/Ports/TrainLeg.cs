using System.Runtime.CompilerServices;
using PcieFabric.Engine;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// One transmitter on the route of a train, what is behind it, and the way of its credits back. Here is the arithmetic of <see cref="Transmitter"/>,
/// <see cref="LinkPort"/> and <see cref="SourceCredits"/> for TLPs of one class of which each waits for the one before.
/// </summary>
internal sealed class TrainLeg(Transmitter transmitter, int source, Channel way, FlowControlClass flowControlClass)
{
    /// <summary>So long a wire goes by the share of what it last waited for, and then by its own: bursts keep to the first, a stream that the wire bounds to the second.</summary>
    public const int BusyForOwnShare = 64;

    /// <summary>Who sends; its own credits are counted here while the train goes.</summary>
    public Transmitter Transmitter { get; } = transmitter;

    /// <summary>What the transmitter is told of where the TLPs come from.</summary>
    public int Source { get; } = source;

    public Channel Way { get; } = way;

    public FlowControlClass Class { get; } = flowControlClass;

    /// <summary>The other end of a link; null behind a way inside a component.</summary>
    public LinkPort? Receiver { get; set; }

    /// <summary>On which the receiver gives credits back.</summary>
    public Channel? CreditWay { get; set; }

    /// <summary>From where TLPs arrive to where they are sent on or end; null where that is the same actor.</summary>
    public Channel? Inside { get; set; }

    public long InsidePs { get; set; }

    /// <summary>What goes beside each TLP on <see cref="Way"/>, in place of when its tail comes; null for that.</summary>
    public uint? Detail { get; init; }

    /// <inheritdoc cref="Detail"/>
    public uint? InsideDetail { get; set; }

    /// <summary>Who says, inside the component, that a TLP has left or has ended; null where the receiver knows.</summary>
    public SourceCredits? Owner { get; set; }

    public int OwnerSource { get; set; }

    /// <summary>On which it says so: to the receiver, or to the transmitter where there is no receiver.</summary>
    public Channel? OwnerWay { get; set; }

    /// <summary>Its place behind this leg is free when it arrives there, however long it then takes to get <see cref="Inside"/>.</summary>
    public bool IsFreedOnArrival { get; set; }

    /// <summary>A smaller TLP may overtake one that lacks data credits (PCIe 6.0 table 2-42).</summary>
    public bool MayOvertake { get; init; }

    /// <summary>When a TLP first comes that may overtake another.</summary>
    public long OvertakenPs { get; private set; } = long.MaxValue;

    /// <summary>Of the header with framing and without payload.</summary>
    public int OverheadBytes { get; set; }

    /// <summary>What is added to addresses before this leg.</summary>
    public ulong AddressShift { get; set; }

    /// <summary>Told at the end how many TLPs arrived, and how many bytes.</summary>
    public Action<long, long>? Arrived { get; set; }

    /// <summary>Credits on their way to the transmitter.</summary>
    public CreditFlow Returns { get; } = new();

    /// <summary>Credits on their way from the owner to the receiver.</summary>
    public CreditFlow Owed { get; } = new();

    /// <summary>Of the period that is looked for; null where none is.</summary>
    public WireGrazes? Grazes { get; set; }

    public LegState State;

    /// <summary>The thresholds of the two places where credits gather.</summary>
    public CreditThreshold OwnerThreshold, ReceiverThreshold;

    public long PropagationPs { get; set; }

    /// <summary>A TLP that is at the transmitter goes as soon as it may.</summary>
    /// <param name="at">When its head is there.</param>
    /// <param name="tail">In: when its tail is. Out: when its tail arrives.</param>
    /// <param name="departs">When it is decided.</param>
    /// <param name="free">When its place before the transmitter is free.</param>
    /// <returns>False if that is not before <paramref name="limitPs"/>: it waits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryDepart(TrainTime at, ref TrainTime tail, int payloadBytes, long limitPs, out TrainTime departs, out TrainTime free, out TrainTime arrives)
    {
        var data = CreditCounter.DataCredits(payloadBytes);
        (departs, free, arrives) = (TrainTime.Later(at, State.LastDeparted), default, default);
        if (State.IsBlocked) return false;
        if (MayOvertake && data < State.LastData && State.MayHaveWaited && !(at >= State.LastDeparted + 1) && MustStay(at)) return false;
        while (!Returns.IsEmpty && Returns.Next.Time <= departs) TakeReturn();
        while (!State.Credits.TryConsume(data))
        {
            if (Returns.IsEmpty || Returns.Next.Time.Ps >= limitPs)
            {
                State.IsBlocked = true;
                return false;
            }
            departs = Returns.Next.Time;
            TakeReturn();
        }
        (State.HasWaited, State.MayHaveWaited, State.LastData) = (departs.Ps > at.Ps, departs > at, data);
        State.LastDeparted = departs;
        tail = TrainTime.Later(tail, departs);
        State.Counters.Sent++;
        State.Counters.SentBytes += payloadBytes;
        if (State.HasWire)
        {
            SendOnWire(departs, tail, OverheadBytes + payloadBytes, out var starts, out free);
            (arrives, tail) = ((Transmitter.ReceiverCutsThrough ? starts : free) + Transmitter.LatencyPs, free + Transmitter.LatencyPs);
        }
        else
        {
            free = tail;
            arrives = tail += Transmitter.LatencyPs;
        }
        return true;
    }

    /// <summary>A smaller TLP comes behind one that may have waited for credits, before or as that departs.</summary>
    /// <returns>Whether it may overtake.</returns>
    private bool MustStay(TrainTime at)
    {
        State.Chances++;
        if (at.Ps > State.LastDeparted.Ps || !State.HasWaited) return false;
        OvertakenPs = Math.Min(OvertakenPs, at.Ps);
        return State.IsBlocked = true;
    }

    /// <inheritdoc cref="Transmitter.Plan"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SendOnWire(TrainTime departs, TrainTime tail, int wireBytes, out TrainTime starts, out TrainTime free)
    {
        var ready = TrainTime.Later(departs, tail + -State.Wire.DurationPs(wireBytes));
        starts = State.WireFree;
        if (ready.Ps > starts.Ps)
        {
            if (!(ready >= starts + 1)) State.Chances++;
            (starts, State.WireShare, State.BusyFor) = (ready, ready.Share, 0);
        }
        else
        {
            if (ready > starts) Grazes?.Add(ready.Share, ready.Share - starts.Share);
            if (State.BusyFor < BusyForOwnShare) State.BusyFor++;
        }
        State.Wire.Transmit(ready.Ps, wireBytes, out _, out var freePs);
        if (State.BusyFor == BusyForOwnShare) State.WireShare = State.Wire.Fraction;
        free = new TrainTime(freePs, State.WireShare);
    }

    /// <summary>The same leg of another train: what is fixed about it is the same.</summary>
    public bool IsLike(TrainLeg other) =>
        (Transmitter, Source, Way, Class, Receiver, CreditWay, Inside) == (other.Transmitter, other.Source, other.Way, other.Class, other.Receiver, other.CreditWay, other.Inside)
        && (InsidePs, Owner, OwnerSource, IsFreedOnArrival, MayOvertake, OverheadBytes) == (other.InsidePs, other.Owner, other.OwnerSource, other.IsFreedOnArrival, other.MayOvertake, other.OverheadBytes)
        && (Detail, InsideDetail) == (other.Detail, other.InsideDetail);

    /// <summary>The same legs, one after the other.</summary>
    public static bool AreAlike(ReadOnlySpan<TrainLeg> some, ReadOnlySpan<TrainLeg> others)
    {
        if (some.Length != others.Length) return false;
        for (var i = 0; i < some.Length; i++)
            if (!some[i].IsLike(others[i]))
                return false;
        return true;
    }

    /// <summary>The most credits that can wait for a batch on their way back.</summary>
    public CreditLimit MostWithheld
    {
        get
        {
            var byOwner = Owner is null ? default : OwnerThreshold.MostWithheld;
            var byReceiver = ReceiverWithholds ? ReceiverThreshold.MostWithheld : default;
            return new CreditLimit(byOwner.Headers + byReceiver.Headers, byOwner.Data + byReceiver.Data);
        }
    }

    /// <summary>What its owner gives it in batches as large as its own never waits there.</summary>
    private bool ReceiverWithholds => Receiver is not null && (Owner is null || !ReceiverThreshold.IsReachedBy(in OwnerThreshold));

    /// <summary>From a place getting free to its credits being back, but for batches.</summary>
    public long CreditLatencyPs => (Owner is null ? 0 : SourceCredits.LatencyPs) + (Receiver is null ? 0 : PropagationPs);

    /// <summary>The same leg, free, on which each credit comes back by itself.</summary>
    /// <param name="credits">All that there are on it.</param>
    public TrainLeg WithoutBatches(CreditLimit credits)
    {
        var leg = new TrainLeg(Transmitter, Source, Way, Class)
        {
            Receiver = Receiver,
            CreditWay = CreditWay,
            Inside = Inside,
            InsidePs = InsidePs,
            Owner = Owner,
            OwnerWay = OwnerWay,
            IsFreedOnArrival = IsFreedOnArrival,
            MayOvertake = MayOvertake,
            OverheadBytes = OverheadBytes,
            PropagationPs = PropagationPs,
            OwnerThreshold = OwnerThreshold.WithoutBatches,
            ReceiverThreshold = ReceiverThreshold.WithoutBatches,
            State = State,
        };
        (leg.State.Credits, leg.State.OwedByOwner, leg.State.OwedByReceiver) = (new ClassCredits(credits), default, default);
        return leg;
    }

    /// <summary>Whether there are so many credits when a time has come: with the transmitter, or where they make its batches fuller.</summary>
    public bool HasCredits(CreditLimit least, long atPs)
    {
        var (headers, data) = (State.Credits.Headers + State.OwedByOwner.Headers, State.Credits.Data + State.OwedByOwner.Data);
        if (ReceiverWithholds) (headers, data) = (headers + State.OwedByReceiver.Headers, data + State.OwedByReceiver.Data);
        for (var i = 0; i < Returns.Count && Returns[i].Time.Ps <= atPs; i++)
        {
            headers += Returns[i].Headers;
            data += Returns[i].Data;
        }
        for (var i = 0; i < Owed.Count && Owed[i].Time.Ps + PropagationPs <= atPs; i++)
        {
            headers += Owed[i].Headers;
            data += Owed[i].Data;
        }
        return headers >= least.Headers && data >= least.Data;
    }

    /// <summary>So many alike went, one after the other, and their places were freed so long ago that all is back but what waits for a batch.</summary>
    public void Pass(int count, int freed, int data)
    {
        State.Credits.Take(count, count * data);
        if (Owner is null)
        {
            FreeAtReceiver(freed, 1, data);
            return;
        }
        var batches = State.OwedByOwner.Add(freed, 1, data, in OwnerThreshold, out var first, out var each);
        if (Receiver is null)
        {
            State.Credits.Return(Class, first.Headers + batches * each.Headers, first.Data + batches * each.Data);
            return;
        }
        FreeAtReceiver(1, first.Headers, first.Data);
        FreeAtReceiver(batches, each.Headers, each.Data);
    }

    private void FreeAtReceiver(int times, int headers, int data)
    {
        var batches = State.OwedByReceiver.Add(times, headers, data, in ReceiverThreshold, out var first, out var each);
        if (first.IsEmpty) return;
        (headers, data) = (first.Headers + batches * each.Headers, first.Data + batches * each.Data);
        State.Counters.Updates += 1 + batches;
        State.Counters.ReturnedHeaders += headers;
        State.Counters.ReturnedData += data;
        State.Credits.Return(Class, headers, data);
    }

    /// <summary>All that arrives before a time has arrived.</summary>
    public void CatchUp(long limitPs)
    {
        Settle(limitPs);
        while (!Returns.IsEmpty && Returns.Next.Time.Ps < limitPs) TakeReturn();
    }

    /// <summary>It arrived at the receiver.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Receive(int payloadBytes)
    {
        State.Counters.Received++;
        State.Counters.ReceivedBytes += payloadBytes;
        State.Counters.ReceivedData += CreditCounter.DataCredits(payloadBytes);
    }

    /// <summary>It is where it is sent on or ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pass(int payloadBytes)
    {
        State.Counters.Passed++;
        State.Counters.PassedBytes += payloadBytes;
    }

    /// <summary>Its place behind this leg is free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(int data, TrainTime at, long limitPs)
    {
        if (Owner is null)
        {
            FreeAtReceiver(1, data, at);
            return;
        }
        if (!State.OwedByOwner.Add(1, data, in OwnerThreshold)) return;
        State.OwedByOwner.Take(out var headers, out data);
        if (Receiver is null) Returns.Add(at + SourceCredits.LatencyPs, headers, data);
        else
        {
            Owed.Add(at + SourceCredits.LatencyPs, headers, data);
            Settle(limitPs);
        }
    }

    /// <summary>The receiver hears what it is owed.</summary>
    public void Settle(long limitPs)
    {
        while (!Owed.IsEmpty && Owed.Next.Time.Ps < limitPs)
        {
            var owed = Owed.Next;
            Owed.Take();
            FreeAtReceiver(owed.Headers, owed.Data, owed.Time);
        }
    }

    private void FreeAtReceiver(int headers, int data, TrainTime at)
    {
        if (!State.OwedByReceiver.Add(headers, data, in ReceiverThreshold)) return;
        State.OwedByReceiver.Take(out headers, out data);
        State.Counters.Updates++;
        State.Counters.ReturnedHeaders += headers;
        State.Counters.ReturnedData += data;
        Returns.Add(at + PropagationPs, headers, data);
    }

    private void TakeReturn()
    {
        ref readonly var credits = ref Returns.Next;
        State.Credits.Return(Class, credits.Headers, credits.Data);
        Returns.Take();
    }
}
