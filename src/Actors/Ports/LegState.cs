using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>What changes on a leg while a train goes.</summary>
internal struct LegState
{
    public ClassCredits Credits;
    public CreditBatch OwedByOwner, OwedByReceiver;

    public WireClock Wire;

    /// <summary>The share of the time at which the wire gets free: of what it last waited for, or the wire's own where it was busy ever since.</summary>
    public uint WireShare;

    /// <summary>TLPs since the wire last waited for one, up to where its own share counts.</summary>
    public int BusyFor;

    /// <summary>What a TLP met that another at the same place of its period might not meet.</summary>
    public int Chances;

    public LegCounters Counters;

    /// <summary>Of the last that departed.</summary>
    public int LastData;

    /// <summary>The last that departed did not do so at once; or it may be that its like in another period does not.</summary>
    public bool HasWaited, MayHaveWaited;

    /// <summary>None departs before those that came before it.</summary>
    public TrainTime LastDeparted;

    /// <summary>A TLP waits, and all that come later behind it.</summary>
    public bool IsBlocked;

    /// <summary>False inside a component.</summary>
    public bool HasWire;

    /// <summary>Does the same follow, by so much later?</summary>
    public readonly bool IsLater(in LegState before, TrainTime by) =>
        HasAsMany(in before) && BusyFor == before.BusyFor && MayHaveWaited == before.MayHaveWaited && LastDeparted - before.LastDeparted == by
        && (!HasWire || (WireFree - before.WireFree == by && (HasOwnShare || Wire.Fraction == before.Wire.Fraction)));

    /// <summary>Are these the picoseconds, by so much later? Shares of what waits are not known of what were messages; the wire's own is.</summary>
    public readonly bool IsLikeLater(in LegState before, TrainTime by) =>
        HasAsMany(in before) && BusyFor == before.BusyFor && LastDeparted.Ps == (before.LastDeparted + by).Ps
        && (!HasWire || (before.WireFree + by is var free && Wire.FreeAtPs == free.Ps && Wire.Fraction == (HasOwnShare ? free.Share : before.Wire.Fraction)));

    /// <summary>Goes on with a number that is equal where <see cref="HasAsMany"/> says so.</summary>
    public readonly int AddToKey(int key) =>
        ((((key * 31 + Credits.Headers) * 31 + Credits.Data) * 31 + OwedByReceiver.Headers) * 31 + OwedByReceiver.Data) * 31 + OwedByOwner.Headers;

    private readonly bool HasAsMany(in LegState before) =>
        Credits.Headers == before.Credits.Headers && Credits.Data == before.Credits.Data
        && OwedByReceiver.Headers == before.OwedByReceiver.Headers && OwedByReceiver.Data == before.OwedByReceiver.Data
        && OwedByOwner.Headers == before.OwedByOwner.Headers && OwedByOwner.Data == before.OwedByOwner.Data
        && LastData == before.LastData && HasWaited == before.HasWaited && IsBlocked == before.IsBlocked;

    public readonly TrainTime WireFree => new(Wire.FreeAtPs, WireShare);

    public readonly bool HasOwnShare => BusyFor == TrainLeg.BusyForOwnShare;

    /// <summary>From here on the transmitter is as it was found at a departure; what is behind it goes on as it was.</summary>
    public void DepartAnew(in LegState source)
    {
        var (byOwner, byReceiver, counters) = (OwedByOwner, OwedByReceiver, Counters);
        this = source;
        (OwedByOwner, OwedByReceiver, Counters) = (byOwner, byReceiver, counters);
        (Counters.Sent, Counters.SentBytes) = (0, 0);
    }

    public void Shift(TrainTime by)
    {
        LastDeparted += by;
        if (!HasWire) return;
        var free = WireFree + by;
        Wire.MoveTo(free.Ps, HasOwnShare ? free.Share : Wire.Fraction);
        WireShare = free.Share;
    }
}

/// <summary>What a leg only counts.</summary>
internal struct LegCounters
{
    public long Sent, SentBytes, Received, ReceivedBytes, ReceivedData, Passed, PassedBytes, Updates, ReturnedHeaders, ReturnedData;

    /// <summary>Adds so many times what came between two moments.</summary>
    public void Add(long times, in LegCounters from, in LegCounters to)
    {
        Sent += times * (to.Sent - from.Sent);
        SentBytes += times * (to.SentBytes - from.SentBytes);
        Received += times * (to.Received - from.Received);
        ReceivedBytes += times * (to.ReceivedBytes - from.ReceivedBytes);
        ReceivedData += times * (to.ReceivedData - from.ReceivedData);
        Passed += times * (to.Passed - from.Passed);
        PassedBytes += times * (to.PassedBytes - from.PassedBytes);
        Updates += times * (to.Updates - from.Updates);
        ReturnedHeaders += times * (to.ReturnedHeaders - from.ReturnedHeaders);
        ReturnedData += times * (to.ReturnedData - from.ReturnedData);
    }
}
