using PcieFabric.Documents.Shapes;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Experiments;

/// <summary>The keys of an experiment file.</summary>
public static class ExperimentSchema
{
    private static readonly Key<string> Name = Key.Required("name", new NameShape(), "What results call the experiment.");
    private static readonly Key<string> Description = Key.Absent("description", Values.Text, "", "For people.");
    private static readonly Key<Located<string>> Topology = Key.Required("topology", new LocatedShape<string>(new TextShape("the path of a topology file")), "Topology file, relative to this file.");
    private static readonly Key<ulong> Seed = Key.Optional("seed", new WholeNumberShape(0, ulong.MaxValue), "1", "Seed of everything random.");
    private static readonly Key<int> Partitions = Key.Absent("partitions", Values.Whole(1, Limits.MaxPartitions), 0, "Partitions to cut the fabric into; never changes a result.");
    private static readonly Key<int> Threads = Key.Absent("threads", Values.Whole(1, Limits.MaxPartitions), 0, "Threads that run the partitions; never changes a result.");

    // Virtual time ends at 106 days; an hour of it is far beyond what anyone waits for.
    private static readonly Key<SimTime> TimeLimit = Key.Optional("time-limit", Values.Time(SimTime.FromSeconds(3600)), "10 s", "Virtual time at which a run that has not ended counts as hung.");

    private static readonly Key<IReadOnlyList<WorkloadDraft>> Workloads = Key.Required("workloads",
        new ListShape<WorkloadDraft>(WorkloadSchema.Shape, Limits.MaxWorkloads, least: 1), "What to do, one after another.");

    internal static readonly Shape<ExperimentDraft> Shape = new RecordShape<ExperimentDraft>("an experiment", "A topology, what to do on it, and what must come out.",
        [Name, Description, Topology, Seed, Partitions, Threads, TimeLimit, Workloads],
        fields => new ExperimentDraft(
            fields.Get(Name), fields.Get(Description), fields.Get(Topology), fields.Get(Seed), fields.Get(Partitions), fields.Get(Threads),
            fields.Get(TimeLimit), fields.Get(Workloads), fields.Location));

    /// <summary>The JSON schema of experiment files, as editors read it.</summary>
    public static string ToJson() => SchemaDefinitions.Document("PcieFabric experiment", Shape);

    /// <summary>The reference page of experiment files, in Markdown.</summary>
    public static string ToMarkdown() => SchemaDefinitions.Page("Keys of an experiment file",
        "Made from the declarations that the reader works with. A check is `METRIC [STATISTIC] OPERATOR VALUE [within P %] [at SIZE]`, such as\n"
        + "`latency p99 <= 2 us at 64 B`; without `at` it must hold at every size. Operators are `<`, `<=`, `>`, `>=` and `==`; a statistic, one of\n"
        + $"{string.Join(", ", Enum.GetNames<Statistic>().Select(name => $"`{name.ToLowerInvariant()}`"))}, is for `latency` alone, whose default is the median.\n\n"
        + "| metric | unit | meaning |\n|---|---|---|\n"
        + string.Concat(Metric.All.Select(metric => $"| `{metric}` | {string.Join(", ", Quantity.UnitNames(metric.Dimension).Where(unit => unit.Length > 0))} | {metric.Documentation} |\n")).TrimEnd(), Shape);
}
