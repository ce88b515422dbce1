using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>An experiment as its file has it, before its topology is read.</summary>
/// <param name="Workloads">Of each the points of its sweep, one at least.</param>
internal sealed record ExperimentDraft(
    string Name, string Description, Located<string> Topology, ulong Seed, int Partitions, int Threads, SimTime TimeLimit,
    IReadOnlyList<PlotMetric> Plot, IReadOnlyList<IReadOnlyList<WorkloadDraft>> Workloads, SourceLocation Source);

/// <summary>A workload at one point of its sweep, and where its author wrote the value of a key.</summary>
internal sealed record WorkloadDraft(
    WorkloadDefinition Definition, Located<string> Name, Func<Key, SourceLocation> At, IReadOnlyList<ScalarNode> Checks);
