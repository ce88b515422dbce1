namespace PcieFabric.Ports;

/// <summary>What a train does again and again on its route: a period from one moment to another at which all is the same but later, with the moments between. Later trains of the same route go by it too.</summary>
internal sealed class TrainTimetable
{
    private readonly TrainMark[] _moments;
    private readonly TrainLeg[] _legs;
    private readonly WireGrazes[] _grazes;
    private readonly int[] _keys;
    private readonly bool _isSure = true;

    /// <param name="moments">From the first of the period to the first of the next one.</param>
    public TrainTimetable(ReadOnlySpan<TrainMark> moments, Train train)
    {
        var legs = train.Legs;
        (_moments, _legs) = ([.. moments], [.. legs]);
        _keys = [.. _moments.AsSpan(0, MomentsPerPeriod).ToArray().Select(m => KeyOf(m.Legs))];
        Period = moments[^1].Progress.Issue - moments[0].Progress.Issue;
        _grazes = new WireGrazes[legs.Length];
        for (var i = 0; i < legs.Length; i++)
        {
            _grazes[i] = legs[i].Grazes!;
            _isSure &= moments[0].Legs[i].Chances == moments[^1].Legs[i].Chances;
        }
    }

    public TrainTime Period { get; }

    /// <summary>The first moment of the period, and that of the next.</summary>
    public TrainMark First => _moments[0];

    public TrainMark Last => _moments[^1];

    /// <summary>Moments in a period. Those of all periods are numbered, from 0 on in the first.</summary>
    public int MomentsPerPeriod => _moments.Length - 1;

    public TrainMark this[long moment] => _moments[moment % MomentsPerPeriod];

    /// <summary>The first moment of the first period, from one on, at which legs may be as they are now, but for times; a negative number for none.</summary>
    /// <param name="key"><see cref="KeyOf(ReadOnlySpan{TrainLeg})"/> now.</param>
    public int FindLike(int key, int from)
    {
        var at = _keys.AsSpan(from).IndexOf(key);
        return at < 0 ? at : from + at;
    }

    /// <summary>The same at all moments at which legs are alike but for times, and another at most others.</summary>
    public static int KeyOf(ReadOnlySpan<TrainLeg> legs)
    {
        var key = 0;
        foreach (var leg in legs) key = leg.State.AddToKey(key);
        return key;
    }

    private static int KeyOf(ReadOnlySpan<LegState> legs)
    {
        var key = 0;
        foreach (ref readonly var leg in legs) key = leg.AddToKey(key);
        return key;
    }

    /// <summary>When a moment is, later than the one of its name in the first period.</summary>
    public TrainTime LaterBy(long moment) => Period.Times(moment / MomentsPerPeriod);

    /// <summary>The last moment up to which it is sure that all goes as in the first period: with a period of whole picoseconds, any.</summary>
    /// <param name="shift">Of a train that goes by this later than the one by which it was made.</param>
    public long SureUntil(TrainTime shift)
    {
        var periods = long.MaxValue / MomentsPerPeriod / 2;
        if (Period.Share == 0 && shift.Share == 0) return periods * MomentsPerPeriod;
        if (!_isSure) return 0;
        foreach (var grazes in _grazes) periods = Math.Min(periods, grazes.PeriodsUntilFree(Period.Share, shift.Share));
        return periods * MomentsPerPeriod;
    }

    /// <summary>Bytes of the transfer between two moments.</summary>
    public long BytesBetween(long first, long last) =>
        (last / MomentsPerPeriod - first / MomentsPerPeriod) * (Last.OffsetBytes - First.OffsetBytes) + this[last].OffsetBytes - this[first].OffsetBytes;

    /// <summary>Made for the same route.</summary>
    public bool IsFor(Train train) => TrainLeg.AreAlike(train.Legs, _legs);
}
