namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>Moments of virtual time that all parts of a run keep to, so that no part needs to look at another.</summary>
internal static class Schedule
{
    /// <summary>All links of controllers are up.</summary>
    public static readonly SimTime Settled = SimTime.FromMilliseconds(30);

    /// <summary>Nothing wrong is begun after this.</summary>
    public static readonly SimTime LastFault = SimTime.FromMilliseconds(38);

    /// <summary>Nothing wrong is under way any more.</summary>
    public static readonly SimTime Over = SimTime.FromMilliseconds(50);

    /// <summary>By now all software of endpoints is bound again: what it waited for has ended with the first hot reset.</summary>
    public static readonly SimTime EndpointsReady = SimTime.FromMilliseconds(75);

    public static readonly SimTime Recovered = SimTime.FromMilliseconds(100);

    /// <summary>The host has let go of every function.</summary>
    public static readonly SimTime Unbind = SimTime.FromMilliseconds(130);

    /// <summary>Longer after the last request than any completion timeout.</summary>
    public static readonly SimTime End = SimTime.FromMilliseconds(200);
}
