namespace PcieFabric.Engine;

/// <summary>When an observer looks: at the start of every interval, for a while. Between those times it costs nothing.</summary>
/// <param name="IntervalPs">In picoseconds.</param>
/// <param name="WindowPs">How long it looks, in picoseconds; as long as the interval for always.</param>
public readonly record struct ObservedTimes(long IntervalPs, long WindowPs)
{
    internal bool Contains(long timePs) => timePs % IntervalPs < WindowPs;

    /// <summary>The first time after one that is not as that one is; <see cref="long.MaxValue"/> for never.</summary>
    internal long NextChange(long timePs)
    {
        if (WindowPs >= IntervalPs) return long.MaxValue;
        var intoPs = timePs % IntervalPs;
        var leftPs = (intoPs < WindowPs ? WindowPs : IntervalPs) - intoPs;
        return leftPs > long.MaxValue - timePs ? long.MaxValue : timePs + leftPs;
    }
}
