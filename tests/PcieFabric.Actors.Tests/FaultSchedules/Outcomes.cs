using PcieFabric.DmaEngines;
using PcieFabric.InterruptControllers;
using PcieFabric.Iommus;
using PcieFabric.Ports;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>How faults ended, by name, and how often, in all schedules so far: counters of the fabric, and what its software was told.</summary>
internal sealed class Outcomes
{
    /// <summary>Those that no fifty schedules are without.</summary>
    public static readonly string[] Certain =
    [
        "port: unsupported requests", "port: unexpected completions", "port: malformed TLPs", "port: poisoned TLPs", "link: times down", "host: timeouts", "host: unexpected completions",
        "root: unsupported requests", "root: poisoned writes", "root: refused by a peer guard", "eDMA: aborts", "endpoint: map NoOutboundWindow", "endpoint: unmap twice NoSuchWindow",
        "endpoint: transfer DmaFailed", "endpoint: transfer DmaBusy", "endpoint: interrupt LinkDown",
    ];

    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long this[string name] => _counts.GetValueOrDefault(name);

    public void Add(FaultRun run)
    {
        var fabric = run.Fabric;
        Add("schedules", 1);
        Add("functions that worked in the end", run.Host.Worked);
        foreach (var (name, count) in run.Host.Notes) Add($"host: {name}", count);
        foreach (var endpoint in run.Endpoints)
            foreach (var (name, count) in endpoint.Outcomes)
                Add($"endpoint: {name}", count);
        foreach (var port in fabric.Ports.Values) Add(port.Counters, port.Link);
        foreach (var endpoint in fabric.Endpoints.Values) Add(endpoint.Counters, endpoint.Link);
        foreach (var controller in fabric.Controllers.Values) Add(controller.Counters, controller.Link);
        foreach (var function in fabric.Endpoints.Values.SelectMany(endpoint => endpoint.Functions).Concat(fabric.Controllers.Values.SelectMany(controller => controller.Functions)))
            if (function is not null) Add(function.Counters);
        foreach (var root in fabric.Hosts.Values)
        {
            Add("root: unsupported requests", root.Counters.UnsupportedRequests);
            Add("root: poisoned writes", root.Counters.PoisonedWrites);
            Add("root: ACS violations", root.Counters.AcsViolations);
            Add("root: unexpected completions", root.Counters.UnexpectedCompletions);
            Add("root: refused by a peer guard", root.PeerGuards.Sum(guard => guard.TotalRefused));
            Add("host: timeouts", root.Host.Requesters.Sum(requester => requester.Timeouts));
            Add("host: unexpected completions", root.Host.Requesters.Sum(requester => requester.UnexpectedCompletions));
        }
        foreach (var iommu in fabric.Iommus.Values)
        {
            foreach (var kind in Enum.GetValues<IommuFaultKind>()) Add($"IOMMU: {kind}", iommu.Counters.FaultsOf(kind));
            Add("IOMMU: fault records lost", iommu.Counters.FaultsLost);
        }
        foreach (var interrupts in fabric.EndpointInterrupts.Values)
            foreach (var outcome in Enum.GetValues<RingOutcome>())
                Add($"doorbell: {outcome}", (interrupts.Messages?.Counters[outcome] ?? 0) + (interrupts.Store?.Counters[outcome] ?? 0));
        foreach (var engine in fabric.DmaEngines.Values.OfType<EmbeddedDma>())
        {
            Add("eDMA: aborts", engine.Counters.Aborts);
            Add("eDMA: done", engine.Counters.Done);
        }
    }

    public override string ToString() => string.Join('\n', _counts.Where(each => each.Value > 0).Select(each => $"{each.Value,9} {each.Key}"));

    private void Add(PortCounters counters, LinkPort link)
    {
        Add(counters);
        Add("link: TLPs lost", link.TlpsLost);
        Add("link: times down", link.TimesDown);
    }

    private void Add(PortCounters counters)
    {
        Add("port: unsupported requests", counters.UnsupportedRequests);
        Add("port: completer aborts", counters.CompleterAborts);
        Add("port: unexpected completions", counters.UnexpectedCompletions);
        Add("port: malformed TLPs", counters.MalformedTlps);
        Add("port: poisoned TLPs", counters.PoisonedTlps);
        Add("port: ACS violations", counters.AcsViolations);
        Add("port: AtomicOps blocked", counters.AtomicOpsBlocked);
        Add("port: completion timeouts", counters.CompletionTimeouts);
    }

    private void Add(string name, long count) => _counts[name] = this[name] + count;
}
