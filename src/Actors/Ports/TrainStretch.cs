namespace PcieFabric.Ports;

/// <summary>Part of a train's way for which it goes by a timetable.</summary>
/// <param name="At">The train where it begins to.</param>
/// <param name="Shift">How much later than the train by which the timetable was made.</param>
/// <param name="First">The moment of the timetable at which it begins to.</param>
internal sealed record TrainStretch(TrainTimetable Timetable, TrainMark At, TrainTime Shift, long First)
{
    /// <summary>The moment to which it goes by it.</summary>
    public required long Last { get; init; }

    public TrainTime LaterBy(long moment) => Shift + Timetable.LaterBy(moment);

    public TrainTime LastAtEnd(long moment) => Timetable[moment].Progress.LastAtEnd + LaterBy(moment);

    /// <summary>The last moment to which a train can go by a timetable: as far as there is enough left of the transfer, and as it is sure.</summary>
    /// <param name="progress">At the first moment.</param>
    /// <param name="leastLeftBytes">To be left for after it.</param>
    public static long LastOf(TrainTimetable timetable, in TrainProgress progress, TrainTime shift, long first, long leastLeftBytes)
    {
        var most = Math.Max(0, progress.Parts.LeftBytes - leastLeftBytes);
        var low = first + most / timetable.BytesBetween(0, timetable.MomentsPerPeriod) * timetable.MomentsPerPeriod;
        for (var high = low + timetable.MomentsPerPeriod; high - low > 1;)
        {
            var middle = (low + high) / 2;
            var bytes = timetable.BytesBetween(first, middle) + timetable[middle].Progress.Parts.Current.LengthBytes - progress.Parts.Current.LengthBytes;
            if (bytes <= most) low = middle;
            else high = middle;
        }
        return Math.Min(low, timetable.SureUntil(shift));
    }

    /// <summary>The last moment before which all followed requests have got to their end by a time; the first if there is none.</summary>
    public long LastBefore(long limitPs)
    {
        var low = First;
        for (var high = Last + 1; high - low > 1;)
        {
            var middle = (low + high) / 2;
            if (LastAtEnd(middle).Ps < limitPs) low = middle;
            else high = middle;
        }
        return low;
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
