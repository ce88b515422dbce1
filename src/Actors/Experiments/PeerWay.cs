using PcieFabric.Engine;
using PcieFabric.RootComplexes;
using PcieFabric.TlpPaths;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>Tells people which way traffic between peers took.</summary>
internal static class PeerWay
{
    /// <summary><c>1 switch</c>, <c>2 switches, root complex</c>; of reads the way back too if it is another.</summary>
    public static string Describe(TlpWay way, bool isRead, Fabric fabric)
    {
        var (there, back) = (Describe(way.OfRequests, fabric), Describe(way.OfCompletions, fabric));
        return !isRead || there == back ? there : $"{there}; back: {back}";
    }

    private static string Describe(IReadOnlyList<ActorPath> actors, Fabric fabric)
    {
        var switches = actors.Select(actor => actor.Value).Where(path => fabric.Ports.TryGetValue(path, out var port) && port is not RootPort).Select(path => path[..path.LastIndexOf('/')]).Distinct().Count();
        var parts = new List<string>();
        if (switches > 0) parts.Add(switches == 1 ? "1 switch" : $"{switches} switches");
        if (actors.Any(actor => fabric.Hosts.ContainsKey(actor.Value))) parts.Add("root complex");
        return parts.Count > 0 ? string.Join(", ", parts) : "within the device";
    }
}
