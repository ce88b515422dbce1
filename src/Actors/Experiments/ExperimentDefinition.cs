using PcieFabric.Documents;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>A topology, what to do on it, and what must come out.</summary>
public sealed record ExperimentDefinition
{
    public required string Name { get; init; }
    public string Description { get; init; } = "";
    public required TopologyDefinition Topology { get; init; }

    /// <summary>With the topology and the inputs, this determines the run.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Partitions to cut the fabric into; zero follows the topology's hint. Never changes a result.</summary>
    public int Partitions { get; init; }

    /// <summary>Threads that run the partitions; zero leaves the choice to whoever runs it. Never changes a result.</summary>
    public int Threads { get; init; }

    /// <summary>Virtual time at which a run that has not ended counts as hung.</summary>
    public SimTime TimeLimit { get; init; } = SimTime.FromSeconds(10);

    /// <summary>What a picture of the results shows, one diagram for each.</summary>
    public IReadOnlyList<PlotMetric> Plot { get; init; } = PlotMetric.Default;

    /// <summary>One after another, in this order. A workload that is swept is here once for every point.</summary>
    public required IReadOnlyList<WorkloadDefinition> Workloads { get; init; }

    /// <summary>Every file that was read, the experiment first: what a journal must keep to run it again. Empty for an experiment built in C#.</summary>
    public IReadOnlyList<SourceText> Sources { get; init; } = [];

    /// <summary>What was set over the files, as <see cref="Override.Text"/>; a journal must keep it as well.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    public SourceLocation? Source { get; init; }
}
