namespace PcieFabric.Ports;

/// <summary>Part of a train's way for which it goes by a timetable.</summary>
/// <param name="At">The train where it begins to.</param>
/// <param name="Shift">How much later than the train by which the timetable was made.</param>
/// <param name="First">The moment of the timetable at which it begins to.</param>
internal sealed record TrainStretch(TrainTimetable Timetable, TrainMark At, TrainTime Shift, long First)
{
    /// <summary>The moment to which it goes by it.</summary>
    public long Last { get; init; } = First;

    public TrainTime LaterBy(long moment) => Shift + Timetable.LaterBy(moment);

    public TrainTime LastAtEnd(long moment) => Timetable[moment].Progress.LastAtEnd + LaterBy(moment);

    /// <summary>As far as there is enough left of the transfer, and as it is sure.</summary>
    public TrainStretch ToItsEnd()
    {
        var most = At.Progress.Parts.LeftBytes - 1;
        var moment = First + most / Timetable.BytesBetween(0, Timetable.MomentsPerPeriod) * Timetable.MomentsPerPeriod;
        while (Timetable.BytesBetween(First, moment + 1) + Timetable[moment + 1].Progress.Parts.Current.LengthBytes - At.Progress.Parts.Current.LengthBytes <= most) moment++;
        return this with { Last = Math.Min(moment, Timetable.SureUntil(Shift)) };
    }

    /// <summary>The last moment before which all followed requests have got to their end by a time; the first if there is none.</summary>
    public long LastBefore(long limitPs)
    {
        var periods = (limitPs - LastAtEnd(First).Ps) / (Timetable.Period.Ps + 1);
        var moment = Math.Min(Last, First + Math.Max(0, periods) * Timetable.MomentsPerPeriod);
        while (moment < Last && LastAtEnd(moment + 1).Ps < limitPs) moment++;
        return moment;
    }

    /// <summary>How far the train is at a moment.</summary>
    public TrainProgress ProgressAt(long moment)
    {
        var progress = At.Progress;
        Add(ref progress, PeriodsTo(moment), in Timetable.First.Progress, in Timetable.Last.Progress);
        Add(ref progress, 1, in Timetable[First].Progress, in Timetable[moment].Progress);
        progress.Issue = Timetable[moment].Progress.Issue + LaterBy(moment);
        progress.LastAtEnd = LastAtEnd(moment);
        return progress;
    }

    public LegCounters CountersAt(long moment, int leg)
    {
        var counters = At.Legs[leg].Counters;
        counters.Add(PeriodsTo(moment), in Timetable.First.Legs[leg].Counters, in Timetable.Last.Legs[leg].Counters);
        counters.Add(1, in Timetable[First].Legs[leg].Counters, in Timetable[moment].Legs[leg].Counters);
        return counters;
    }

    private long PeriodsTo(long moment) => moment / Timetable.MomentsPerPeriod - First / Timetable.MomentsPerPeriod;

    private static void Add(ref TrainProgress progress, long times, in TrainProgress from, in TrainProgress to)
    {
        progress.Issued += times * (to.Issued - from.Issued);
        progress.BytesAtEnd += times * (to.BytesAtEnd - from.BytesAtEnd);
        progress.Parts.Skip(times * (to.Parts.Current.OffsetBytes - from.Parts.Current.OffsetBytes), to.Parts.Current.LengthBytes);
    }
}
