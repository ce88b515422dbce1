namespace PcieFabric.Ports;

/// <summary>All of a train between two requests, from where it can be followed again.</summary>
internal sealed class TrainMark
{
    private readonly LegState[] _legs;
    private readonly (int Returns, int Owed)[] _flows;
    private readonly CreditFlow.Credits[] _credits;

    public TrainProgress Progress;

    /// <summary>From here on the train goes by a timetable; null where it is followed.</summary>
    public TrainStretch? Stretch { get; set; }

    /// <summary>Of the next request in the transfer.</summary>
    public long OffsetBytes => Progress.Parts.Current.OffsetBytes;

    public ReadOnlySpan<LegState> Legs => _legs;

    /// <summary>Credits on their way to the source.</summary>
    public int ReturnsOfFirstLeg => _flows[0].Returns;

    /// <summary>When reads are done that keep later ones from their tags.</summary>
    public TrainTime[] Done { get; init; } = [];

    public TrainMark(in TrainProgress progress, ReadOnlySpan<TrainLeg> legs)
    {
        (Progress, _legs, _flows) = (progress, new LegState[legs.Length], new (int, int)[legs.Length]);
        var count = 0;
        foreach (var leg in legs) count += leg.Returns.Count + leg.Owed.Count;
        _credits = new CreditFlow.Credits[count];
        var credits = _credits.AsSpan();
        for (var i = 0; i < legs.Length; i++)
        {
            _legs[i] = legs[i].State;
            _flows[i] = (legs[i].Returns.Count, legs[i].Owed.Count);
            legs[i].Returns.CopyTo(credits);
            credits = credits[_flows[i].Returns..];
            legs[i].Owed.CopyTo(credits);
            credits = credits[_flows[i].Owed..];
        }
    }

    public void Restore(ReadOnlySpan<TrainLeg> legs)
    {
        ReadOnlySpan<CreditFlow.Credits> credits = _credits;
        for (var i = 0; i < legs.Length; i++)
        {
            legs[i].State = _legs[i];
            legs[i].Returns.Put(credits[.._flows[i].Returns]);
            credits = credits[_flows[i].Returns..];
            legs[i].Owed.Put(credits[.._flows[i].Owed]);
            credits = credits[_flows[i].Owed..];
        }
    }

    /// <summary>Whether the legs are as they were here, but for counters, and all times by so much later.</summary>
    public bool IsAsBefore(ReadOnlySpan<TrainLeg> legs, TrainTime by) => IsBefore(legs, by, withShares: true);

    /// <summary>The same as far as messages know the times: to the picosecond.</summary>
    public bool IsLikeBefore(ReadOnlySpan<TrainLeg> legs, TrainTime by) => IsBefore(legs, by, withShares: false);

    private bool IsBefore(ReadOnlySpan<TrainLeg> legs, TrainTime by, bool withShares)
    {
        ReadOnlySpan<CreditFlow.Credits> credits = _credits;
        for (var i = 0; i < legs.Length; i++)
        {
            var (leg, flows) = (legs[i], _flows[i]);
            if (!(withShares ? leg.State.IsLater(in _legs[i], by) : leg.State.IsLikeLater(in _legs[i], by)) || leg.Returns.Count != flows.Returns || leg.Owed.Count != flows.Owed) return false;
            if (!AreLater(leg.Returns, credits, by, withShares) || !AreLater(leg.Owed, credits[flows.Returns..], by, withShares)) return false;
            credits = credits[(flows.Returns + flows.Owed)..];
        }
        return true;
    }

    private static bool AreLater(CreditFlow flow, ReadOnlySpan<CreditFlow.Credits> before, TrainTime by, bool withShares)
    {
        for (var i = 0; i < flow.Count; i++)
        {
            ref readonly var credits = ref flow[i];
            if (credits.Headers != before[i].Headers || credits.Data != before[i].Data) return false;
            if (!(withShares ? credits.Time - before[i].Time == by : credits.Time.Ps == (before[i].Time + by).Ps)) return false;
        }
        return true;
    }
}
