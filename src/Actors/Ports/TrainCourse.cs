using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>
/// How a whole read of a certain length goes over a route that is free when it begins: so does every other one like it, of which then nothing is followed.
/// </summary>
/// <remarks>
/// Two such reads differ in one thing: how full the batches are in which credits come back. So the read is followed twice without batches, once with every credit coming back as early as it may, and once
/// with as many credits less as batches can ever withhold. A credit that comes earlier never makes anything later. So where both end alike, all that may be in between ends so too.
/// </remarks>
internal sealed class TrainCourse(ReadTrain train)
{
    private readonly TrainLeg[] _legs = [.. train.Legs];
    private readonly TrainAnswer _answer = train.Answer;
    private readonly long _bytes = train.Parts.LeftBytes;
    private readonly int _requestBytes = train.Parts.Current.LengthBytes;
    private readonly int _tags = train.Tags;
    private LegCourse[]? _ends;
    private long _startPs;
    private ReadEnd? _end;

    /// <summary>What one leg does on the whole course.</summary>
    /// <param name="Least">Credits that suffice for it, whatever batches withhold of them.</param>
    /// <param name="DataEach">Data credits of a TLP.</param>
    /// <param name="Counters">At the end, but for what batches decide.</param>
    /// <param name="Freed">Places that got free so early that their credits are back.</param>
    /// <param name="LatePs">When those that got free later did so.</param>
    private readonly record struct LegCourse(CreditLimit Least, int DataEach, LegCounters Counters, WireClock Wire, int Freed, long[] LatePs);

    public long DurationPs => _end!.Value.Ps - _startPs;

    /// <summary>Of as long a read, by the same way.</summary>
    public bool IsFor(ReadTrain train)
    {
        if (train.Tags != _tags || !train.Answer.IsLike(_answer)) return false;
        if (train.Parts.LeftBytes != _bytes || train.Parts.Current.LengthBytes != _requestBytes) return false;
        return TrainLeg.AreAlike(train.Legs, _legs);
    }

    /// <summary>Whether a train that departs now, and for which this is, arrives as others do.</summary>
    public bool IsOpenTo(ReadTrain train, long nowPs)
    {
        if (_ends is null) Follow(train, nowPs);
        if (_end is null) return false;
        var firstPs = nowPs;
        for (var i = 0; i < _legs.Length; i++)
        {
            var leg = train.Legs[i];
            if (i == train.Turn) firstPs += _answer.Latency.Picoseconds;
            if ((leg.State.HasWire && leg.State.WireFree.Ps >= nowPs) || !leg.HasCredits(_ends![i].Least, firstPs)) return false;
            firstPs += leg.Transmitter.LatencyPs + leg.InsidePs;
        }
        return true;
    }

    /// <summary>All legs of a train that departed by this course, as they are when the last completion arrives.</summary>
    public ReadEnd Arrive(ReadTrain train, long departedPs)
    {
        var laterPs = departedPs - _startPs;
        var end = _end!.Value.LaterBy(laterPs);
        for (var i = 0; i < _legs.Length; i++) Arrive(train.Legs[i], in _ends![i], laterPs, end.Ps);
        return end;
    }

    private static void Arrive(TrainLeg leg, in LegCourse course, long laterPs, long endPs)
    {
        leg.CatchUp(endPs);
        var counters = course.Counters;
        leg.State.Counters.Add(1, default, in counters);
        leg.Pass((int)counters.Sent, course.Freed, course.DataEach);
        foreach (var latePs in course.LatePs) leg.Free(course.DataEach, new TrainTime(latePs + laterPs, 0), endPs);
        if (leg.State.HasWire) leg.State.Wire.MoveTo(course.Wire.FreeAtPs + laterPs, course.Wire.Fraction);
    }

    private void Follow(ReadTrain train, long nowPs)
    {
        _startPs = nowPs;
        _ends = new LegCourse[_legs.Length];
        var (most, fewest) = (new TrainLeg[_legs.Length], new TrainLeg[_legs.Length]);
        for (var i = 0; i < _legs.Length; i++)
        {
            var leg = train.Legs[i];
            var dataEach = i < train.Turn ? 0 : train.CompletionDataCredits;
            var granted = leg.State.Credits.Granted;
            // What no TLP takes is as good as infinite.
            if (dataEach == 0) granted = granted with { Data = 0 };
            var withheld = leg.MostWithheld;
            var least = new CreditLimit(Least(granted.Headers, withheld.Headers), Least(granted.Data, withheld.Data));
            if (!TryWithhold(least, withheld, out var left)) return;
            (most[i], fewest[i]) = (leg.WithoutBatches(granted), leg.WithoutBatches(left));
            _ends[i] = new LegCourse(least, dataEach, default, default, 0, []);
        }
        if (train.FollowOver(most, nowPs) is not { } early || train.FollowOver(fewest, nowPs) is not { } late || early != late) return;
        for (var i = 0; i < _legs.Length; i++)
        {
            var latePs = LateOn(most[i], early.Ps);
            if (!latePs.AsSpan().SequenceEqual(LateOn(fewest[i], late.Ps)) || most[i].CreditLatencyPs >= early.Ps - nowPs) return;
            var counters = most[i].State.Counters;
            (counters.Updates, counters.ReturnedHeaders, counters.ReturnedData) = (0, 0, 0);
            // What is on its way still has its place at the end of it, if that is not free on arrival.
            var held = i == _legs.Length - 1 && !most[i].IsFreedOnArrival ? 1 : 0;
            _ends[i] = _ends[i] with { Counters = counters, Wire = most[i].State.Wire, Freed = (int)counters.Sent - held - latePs.Length, LatePs = latePs };
        }
        _end = early;
    }

    /// <summary>A part of what batches cannot withhold may be elsewhere when a read begins: with others who share the grant, or not yet back.</summary>
    private static int Least(int granted, int withheld) => granted == 0 ? 0 : granted - (granted - withheld) / 4;

    /// <returns>False if nothing is left.</returns>
    private static bool TryWithhold(CreditLimit credits, CreditLimit withheld, out CreditLimit left)
    {
        left = new CreditLimit(credits.HasInfiniteHeaders ? 0 : credits.Headers - withheld.Headers, credits.HasInfiniteData ? 0 : credits.Data - withheld.Data);
        return left.Headers > 0 == !credits.HasInfiniteHeaders && left.Data > 0 == !credits.HasInfiniteData;
    }

    /// <summary>When places got free of which the credits are not back at a time.</summary>
    private static long[] LateOn(TrainLeg leg, long atPs)
    {
        leg.Settle(long.MaxValue);
        var late = new List<long>();
        for (var i = 0; i < leg.Returns.Count; i++)
            if (leg.Returns[i].Time.Ps >= atPs)
                late.Add(leg.Returns[i].Time.Ps - leg.CreditLatencyPs);
        return [.. late];
    }
}

/// <summary>A train of reads when its last completion arrives, and nothing else is under way.</summary>
/// <param name="Last">Its last completion.</param>
internal readonly record struct ReadEnd(long Ps, long Issued, long BytesAtEnd, long AnsweredBytes, TravelPosition LastAt, CompletionPart Last)
{
    public ReadEnd LaterBy(long ps) => this with { Ps = Ps + ps, LastAt = LastAt with { Time = LastAt.Time + ps, Tail = LastAt.Tail + ps } };
}
