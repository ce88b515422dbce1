using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.Input;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>An experiment as its file has it, before its topology is read.</summary>
internal sealed record ExperimentDraft(
    string Name, string Description, Located<string> Topology, ulong Seed, int Partitions, int Threads, SimTime TimeLimit,
    IReadOnlyList<WorkloadDraft> Workloads, SourceLocation Source);

/// <summary>A workload, and where its author wrote what the topology has to have room for: the BAR or the buffer.</summary>
internal sealed record WorkloadDraft(
    WorkloadDefinition Definition, Located<string> Name, SourceLocation AddressSource, IReadOnlyList<ScalarNode> Checks);
