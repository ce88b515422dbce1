using System.Globalization;
using PcieFabric.Topologies.Enumerated;
using PcieFabric.Units;

namespace PcieFabric.Cli.Trees;

/// <summary>What the last line says.</summary>
internal sealed class TreeSummary
{
    public TreeSummary(EnumeratedFabric fabric, long messages, TimeSpan wallTime)
    {
        Hosts = fabric.Hosts.Count;
        Segments = fabric.Hosts.Sum(host => host.Segments.Count);
        Buses = fabric.Hosts.Sum(host => host.Segments.Sum(segment => segment.Found.LastBus - segment.Found.FirstBus + 1));
        foreach (var function in fabric.Hosts.SelectMany(host => host.Functions))
        {
            // A host bridge is one too, though nothing is numbered below it.
            if (function.Found.IsBridge || function.Part is null) Bridges++;
            else EndpointFunctions++;
        }
        VirtualTime = fabric.Hosts.Max(host => host.Finished);
        Messages = messages;
        WallTime = wallTime;
    }

    public int Hosts { get; }
    public int Segments { get; }
    public int Buses { get; }
    public int Bridges { get; }
    public int EndpointFunctions { get; }

    /// <summary>Until the last host was done.</summary>
    public SimTime VirtualTime { get; }

    /// <summary>TLPs and all else that actors told each other, hop by hop.</summary>
    public long Messages { get; }

    public TimeSpan WallTime { get; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Count(EndpointFunctions, "function")} of endpoints and {Count(Bridges, "bridge")} on {Count(Buses, "bus", "buses")} of {Count(Segments, "segment")}, "
        + $"enumerated in {WallTime.TotalSeconds:0.00} s: {VirtualTime.Microseconds / 1000:0.###} ms of virtual time, {Count(Messages, "message")}");

    internal static string Count(long number, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : many ?? one + "s")}");
}
