namespace PcieFabric.Experiments;

/// <summary>What came out of a run.</summary>
public sealed record ExperimentResult
{
    public required ExperimentDefinition Experiment { get; init; }

    /// <summary>The seed that the run had.</summary>
    public required ulong Seed { get; init; }

    /// <summary>In the order of the workloads, the points of their sweeps, their sizes, and <see cref="Metric.All"/>.</summary>
    public required IReadOnlyList<Measurement> Measurements { get; init; }

    /// <summary>Of workloads between peers, in the order of the workloads and their sizes.</summary>
    public IReadOnlyList<WorkloadWay> Ways { get; init; } = [];

    /// <summary>In the order of the workloads and their checks.</summary>
    public required IReadOnlyList<CheckResult> Checks { get; init; }

    /// <summary>What actors counted of errors; those that are zero are left out. Enumeration asks for functions that are not there, so some ports have Unsupported Requests in every run.</summary>
    public required IReadOnlyList<ActorCounter> Counters { get; init; }

    /// <summary>Host software that did not come to its end, each with what it waits for, and functions that failed. Empty after a run as it should be.</summary>
    public required IReadOnlyList<string> Unfinished { get; init; }

    /// <summary>When the last host was done; where one was not, when nothing was left to happen or the time limit was reached.</summary>
    public required SimTime VirtualTime { get; init; }

    /// <summary>Delivered, over all actors; what went by train is not among them.</summary>
    public required long Messages { get; init; }

    /// <summary>Stretches of bulk transfers that stood for many messages each.</summary>
    public long Trains { get; init; }

    /// <summary>Of all messages, if it was asked for: equal for equal runs, whatever the partitions and threads.</summary>
    public ulong? Digest { get; init; }

    /// <summary>Everything ended, and every check is met.</summary>
    public bool IsMet => Unfinished.Count == 0 && Checks.All(check => check.IsMet);
}

/// <summary>Something that an actor counted.</summary>
/// <param name="Actor">Its path.</param>
/// <param name="Name">As on the counters' own types, <c>UnsupportedRequests</c>.</param>
public readonly record struct ActorCounter(string Actor, string Name, long Value);
