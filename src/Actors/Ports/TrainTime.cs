using System.Runtime.CompilerServices;

namespace PcieFabric.Ports;

/// <summary>
/// A time in the arithmetic of trains: the picosecond at which something happens, and which share of it in units of 2^-32, were the clock of the wire that decides
/// it not rounded down. Messages know the picosecond only. But where one wire is busy all the time everything follows its clock, and with shares everything moves on by the same
/// amount from one period to the next (<see cref="TrainPeriod"/>).
/// </summary>
/// <remarks>To round down and to take the later of two, or to add picoseconds, give the same in either order: so picoseconds are right whatever the shares are.</remarks>
internal readonly record struct TrainTime(long Ps, uint Share)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TrainTime Later(TrainTime a, TrainTime b) => a >= b ? a : b;

    /// <summary>So many times this span.</summary>
    public TrainTime Times(long count)
    {
        var shares = (ulong)count * Share;
        return new TrainTime(Ps * count + (long)(shares >> 32), (uint)shares);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator >=(TrainTime a, TrainTime b) => a.Ps > b.Ps || (a.Ps == b.Ps && a.Share >= b.Share);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <=(TrainTime a, TrainTime b) => b >= a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator >(TrainTime a, TrainTime b) => !(b >= a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <(TrainTime a, TrainTime b) => !(a >= b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TrainTime operator +(TrainTime a, long ps) => new(a.Ps + ps, a.Share);

    public static TrainTime operator +(TrainTime a, TrainTime b)
    {
        var shares = (ulong)a.Share + b.Share;
        return new TrainTime(a.Ps + b.Ps + (long)(shares >> 32), (uint)shares);
    }

    public static TrainTime operator -(TrainTime a, TrainTime b) => new(a.Ps - b.Ps - (a.Share < b.Share ? 1 : 0), a.Share - b.Share);
}
