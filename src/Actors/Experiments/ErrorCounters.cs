using PcieFabric.Ports;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Experiments;

/// <summary>The errors that the actors of a fabric counted, without those that are zero.</summary>
internal static class ErrorCounters
{
    public static IEnumerable<ActorCounter> Of(Fabric fabric)
    {
        foreach (var (path, host) in fabric.Hosts)
        {
            foreach (var counter in NotZero(path,
                (nameof(host.Counters.UnsupportedRequests), host.Counters.UnsupportedRequests),
                (nameof(host.Counters.UnexpectedCompletions), host.Counters.UnexpectedCompletions),
                (nameof(host.Counters.PoisonedWrites), host.Counters.PoisonedWrites)))
                yield return counter;
        }
        foreach (var (path, port) in fabric.Ports)
            foreach (var counter in Of(path, port.Counters)) yield return counter;
        foreach (var (path, endpoint) in fabric.Endpoints)
        {
            foreach (var counter in Of(path, endpoint.Counters)) yield return counter;
            foreach (var function in endpoint.Functions)
            {
                if (function is null) continue;
                foreach (var counter in Of(Topologies.TopologyInstances.FunctionPath(path, function.Number), function.Counters)) yield return counter;
            }
        }
    }

    private static IEnumerable<ActorCounter> Of(string path, PortCounters counters) => NotZero(path,
        (nameof(counters.UnsupportedRequests), counters.UnsupportedRequests),
        (nameof(counters.CompleterAborts), counters.CompleterAborts),
        (nameof(counters.UnexpectedCompletions), counters.UnexpectedCompletions),
        (nameof(counters.MalformedTlps), counters.MalformedTlps),
        (nameof(counters.PoisonedTlps), counters.PoisonedTlps),
        (nameof(counters.AcsViolations), counters.AcsViolations),
        (nameof(counters.AtomicOpsBlocked), counters.AtomicOpsBlocked),
        (nameof(counters.CompletionTimeouts), counters.CompletionTimeouts));

    private static IEnumerable<ActorCounter> NotZero(string path, params IEnumerable<(string Name, long Value)> counts) =>
        counts.Where(count => count.Value != 0).Select(count => new ActorCounter(path, count.Name, count.Value));
}
