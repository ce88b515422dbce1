using PcieFabric.Engine;
using PcieFabric.RootComplexes;
using PcieFabric.TlpPaths;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>Tells people which way traffic between peers took.</summary>
internal static class PeerWay
{
    /// <summary><c>1 switch</c>, <c>root complex</c>; of reads the way back too if it is another.</summary>
    public static string Describe(TlpWay way, bool isRead, Fabric fabric)
    {
        var (there, back) = (Describe(way.OfRequests, fabric), Describe(way.OfCompletions, fabric));
        return !isRead || there == back ? there : $"{there}; back {back}";
    }

    private static string Describe(IReadOnlyList<ActorPath> actors, Fabric fabric)
    {
        if (actors.Any(actor => fabric.Hosts.ContainsKey(actor.Value))) return "root complex";
        var switches = actors.Select(actor => actor.Value).Where(path => fabric.Ports.TryGetValue(path, out var port) && port is not RootPort).Select(path => path[..path.LastIndexOf('/')]).Distinct().Count();
        return switches switch
        {
            0 => "within the device",
            1 => "1 switch",
            _ => $"{switches} switches",
        };
    }
}
