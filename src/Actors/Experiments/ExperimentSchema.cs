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

    private static readonly Key<IReadOnlyList<PlotMetric>> Plot = Key.Absent("plot",
        new ListShape<PlotMetric>(new PlotMetricShape(), Metric.All.Count, least: 1), PlotMetric.Default, $"What a picture shows, one diagram for each; {string.Join(" and ", PlotMetric.Default)} if left out.");

    private static readonly Key<IReadOnlyList<IReadOnlyList<WorkloadDraft>>> Workloads = Key.Required("workloads",
        new ListShape<IReadOnlyList<WorkloadDraft>>(WorkloadSchema.Shape, Limits.MaxWorkloads, least: 1), "What to do, one after another.");

    internal static readonly Shape<ExperimentDraft> Shape = new RecordShape<ExperimentDraft>("an experiment", "A topology, what to do on it, and what must come out.",
        [Name, Description, Topology, Seed, Partitions, Threads, TimeLimit, Plot, Workloads],
        fields => new ExperimentDraft(
            fields.Get(Name), fields.Get(Description), fields.Get(Topology), fields.Get(Seed), fields.Get(Partitions), fields.Get(Threads),
            fields.Get(TimeLimit), fields.Get(Plot), fields.Get(Workloads), fields.Location));

    /// <summary>The JSON schema of experiment files, as editors read it.</summary>
    public static string ToJson() => SchemaDefinitions.Document("PcieFabric experiment", Shape);

    /// <summary>The reference page of experiment files, in Markdown.</summary>
    public static string ToMarkdown() => SchemaDefinitions.Page("Keys of an experiment file",
        "Made from the declarations that the reader works with.\n\n"
        + "A setting that may be a list is swept: the workload is done for each value, and where several settings are lists, for every combination of their values.\n"
        + "The first list, or `sizes` if it has several, is the abscissa of a plot; the others make its series.\n\n"
        + "A check is `METRIC [STATISTIC] OPERATOR VALUE [within P %] [at PLACE, ...]`, such as `latency p99 <= 2 us at 64 B, outstanding 8`. A place is a size or a value of\n"
        + "a setting that is swept; a check must hold wherever its places do not say otherwise. Operators are `<`, `<=`, `>`, `>=` and `==`; a statistic, one of\n"
        + $"{string.Join(", ", Enum.GetNames<Statistic>().Select(name => $"`{name.ToLowerInvariant()}`"))}, is for `latency` alone, whose default is the median.\n\n"
        + "| metric | unit | meaning |\n|---|---|---|\n"
        + string.Concat(Metric.All.Select(metric => $"| `{metric}` | {string.Join(", ", Quantity.UnitNames(metric.Dimension).Where(unit => unit.Length > 0))} | {metric.Documentation} |\n")).TrimEnd(), Shape);
}
