using PcieFabric.Input;

namespace PcieFabric.Topologies;

/// <summary>What only the whole of a topology can break: numbers of buses and functions.</summary>
public static class TopologyRules
{
    /// <exception cref="InputException">Located at the root complex, host or topology that has too many.</exception>
    public static void Check(TopologyDefinition topology)
    {
        var counts = new Dictionary<PartDefinition, PartCount>(ReferenceEqualityComparer.Instance);
        long functions = 0;
        CheckAllowLists(topology);
        foreach (var host in topology.Hosts)
        {
            foreach (var rootComplex in host.RootComplexes)
            {
                var below = Below(rootComplex.Ports, counts);
                var buses = 1 + below.Buses;
                if (buses > Limits.MaxBusesPerSegment)
                {
                    throw new InputException($"segment {rootComplex.Segment} of '{host.Name}' needs {buses} buses, a segment has {Limits.MaxBusesPerSegment}",
                        "every port takes a bus, and every switch one inside; put more functions behind a port, or spread ports over 'root-complexes'", rootComplex.Source);
                }
                functions += below.Functions;
                if (functions > Limits.MaxTopologyFunctions)
                    throw new InputException($"more than {Limits.MaxTopologyFunctions} functions", "lower a 'count'", host.Source);
            }
        }
    }

    private static void CheckAllowLists(TopologyDefinition topology)
    {
        var patterns = topology.Hosts.SelectMany(host => host.RootComplexes).SelectMany(root => root.AllowedPeers ?? []).SelectMany(pair => new[] { pair.One, pair.Other }).Distinct().ToList();
        if (patterns.Count == 0) return;
        var paths = TopologyInstances.Functions(topology).Select(function => function.Path).ToList();
        foreach (var pattern in patterns)
        {
            if (!paths.Exists(pattern.Matches))
                throw new InputException($"there is no function '{pattern}'", DidYouMean.For(pattern.Text, paths) ?? $"functions have paths such as '{paths.FirstOrDefault()}'", pattern.Source);
        }
    }

    /// <summary>Buses that enumeration needs for a root complex, its bus 0 included: one below every port, one inside every switch, and what virtual functions spill over.</summary>
    public static long BusesOf(RootComplexDefinition rootComplex) =>
        1 + Below(rootComplex.Ports, new(ReferenceEqualityComparer.Instance)).Buses;

    /// <summary>Functions below a root complex; ports of switches and virtual functions are not counted.</summary>
    public static long FunctionsOf(RootComplexDefinition rootComplex) =>
        Below(rootComplex.Ports, new(ReferenceEqualityComparer.Instance)).Functions;

    private static PartCount Below(IReadOnlyList<PortDefinition> ports, Dictionary<PartDefinition, PartCount> counts)
    {
        var sum = new PartCount(0, 0);
        foreach (var port in ports)
        {
            var attached = port.Attached is { } part ? Count(part, counts) : new PartCount(0, 0);
            sum = new(sum.Buses + 1 + attached.Buses, sum.Functions + attached.Functions);
        }
        return sum;
    }

    // A part is counted once, because 16 levels of 16 ports are few lines and many buses. Counting stops to grow
    // where it is too much already, so that no sum overflows.
    private static PartCount Count(PartDefinition part, Dictionary<PartDefinition, PartCount> counts)
    {
        if (counts.TryGetValue(part, out var known))
            return known;
        var count = part switch
        {
            SwitchDefinition fan => Below(fan.Ports, counts).Within(busesInside: 1),
            EndpointDefinition endpoint => new PartCount(SpilledBuses(endpoint), endpoint.Functions.Count),
            _ => throw new InvalidOperationException($"invariant: a part is a switch or an endpoint, not {part.GetType().Name}"),
        };
        return counts[part] = new(Math.Min(count.Buses, 1L << 40), Math.Min(count.Functions, 1L << 40));
    }

    // PCIe 6.0 section 9.2.1.2: VFs whose Routing ID lies beyond the PF's bus take the bus numbers that follow.
    private static long SpilledBuses(EndpointDefinition endpoint)
    {
        var last = 0;
        for (var number = 0; number < endpoint.Functions.Count; number++)
        {
            if (endpoint.Functions[number].Capabilities.SrIov?.Options is { } sriov)
                last = Math.Max(last, number + sriov.FirstVfOffset + (sriov.TotalVfs - 1) * sriov.VfStride);
        }
        return last / 256;
    }

    private readonly record struct PartCount(long Buses, long Functions)
    {
        public PartCount Within(long busesInside) => this with { Buses = Buses + busesInside };
    }
}
