namespace PcieFabric.Ports;

/// <summary>All of a train between two requests, from where it can be followed again; and how often what led here from a mark before happens again from here. Used again by later trains.</summary>
internal sealed class TrainMark
{
    private LegState[] _legs = [];
    private (int Returns, int Owed)[] _flows = [];
    private CreditFlow.Credits[] _credits = [];
    private TrainTime[] _done = [];
    private int _doneCount;

    public TrainProgress Progress;

    /// <summary>Periods from here to the next mark, and what each adds to all times; counters grow as they did since <see cref="Before"/>.</summary>
    public long Periods { get; set; }

    public TrainTime Period { get; set; }

    public TrainMark? Before { get; set; }

    public ReadOnlySpan<LegState> Legs => _legs;

    /// <summary>When reads are done that keep later ones from their tags.</summary>
    public ReadOnlySpan<TrainTime> Done => _done.AsSpan(0, _doneCount);

    public void Take(in TrainProgress progress, ReadOnlySpan<TrainLeg> legs)
    {
        (Progress, Periods, Before, _doneCount) = (progress, 0, null, 0);
        if (_legs.Length != legs.Length) (_legs, _flows) = (new LegState[legs.Length], new (int, int)[legs.Length]);
        var count = 0;
        foreach (var leg in legs) count += leg.Returns.Count + leg.Owed.Count;
        if (_credits.Length < count) _credits = new CreditFlow.Credits[2 * count];
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

    /// <summary>Room for so many times of reads.</summary>
    public Span<TrainTime> MakeDone(int count)
    {
        if (_done.Length < count) _done = new TrainTime[2 * count];
        _doneCount = count;
        return _done.AsSpan(0, count);
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
    public bool IsAsBefore(ReadOnlySpan<TrainLeg> legs, TrainTime by)
    {
        ReadOnlySpan<CreditFlow.Credits> credits = _credits;
        for (var i = 0; i < legs.Length; i++)
        {
            var leg = legs[i];
            if (!leg.State.IsLater(in _legs[i], by) || leg.Returns.Count != _flows[i].Returns || leg.Owed.Count != _flows[i].Owed) return false;
            if (!AreLater(leg.Returns, credits, by) || !AreLater(leg.Owed, credits[_flows[i].Returns..], by)) return false;
            credits = credits[(_flows[i].Returns + _flows[i].Owed)..];
        }
        return true;
    }

    private static bool AreLater(CreditFlow flow, ReadOnlySpan<CreditFlow.Credits> before, TrainTime by)
    {
        for (var i = 0; i < flow.Count; i++)
        {
            ref readonly var credits = ref flow[i];
            if (credits.Headers != before[i].Headers || credits.Data != before[i].Data || credits.Time - before[i].Time != by) return false;
        }
        return true;
    }
}
