using PcieFabric.Documents;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Experiments;

/// <summary>Reads an experiment, and the topology that it names, from YAML.</summary>
public static class ExperimentReader
{
    /// <summary>Reads files of this machine.</summary>
    /// <exception cref="InputException">The first thing that is wrong, located.</exception>
    public static ExperimentDefinition Read(string path) => Read(path, DiskFiles.Instance);

    /// <summary>Reads files from elsewhere: a journal's <see cref="ExperimentDefinition.Sources"/> through <see cref="KeptFiles"/>, say.</summary>
    /// <exception cref="InputException">The first thing that is wrong, located.</exception>
    public static ExperimentDefinition Read(string path, ISourceFiles files) => Read(path, files, []);

    /// <summary>Reads files with some of their values changed; <see cref="ExperimentDefinition.Sources"/> are the changed texts.</summary>
    /// <param name="overrides">Of the experiment; those whose path starts with <c>topology.</c> go on in the topology.</param>
    /// <exception cref="InputException">The first thing that is wrong, located.</exception>
    public static ExperimentDefinition Read(string path, ISourceFiles files, IReadOnlyList<Override> overrides)
    {
        var source = Changed(files.Read(path), overrides.Where(change => !IsOfTopology(change)));
        var draft = ExperimentSchema.Shape.Read(DocumentLoader.Load(source), "an experiment");
        var topologySource = Changed(
            files.Read(Beside(path, draft.Topology.Value), draft.Topology.At),
            overrides.Where(IsOfTopology).Select(change => change with { Path = change.Path[TopologyPrefix.Length..] }));
        var topology = TopologyReader.Read(topologySource);
        return new ExperimentDefinition
        {
            Name = draft.Name,
            Description = draft.Description,
            Topology = topology,
            Seed = draft.Seed,
            Partitions = draft.Partitions,
            Threads = draft.Threads,
            TimeLimit = draft.TimeLimit,
            Workloads = Workloads(draft.Workloads, topology),
            Sources = [source, topologySource],
            Source = draft.Source,
        };
    }

    private const string TopologyPrefix = "topology.";

    private static bool IsOfTopology(Override change) => change.Path.StartsWith(TopologyPrefix, StringComparison.Ordinal);

    private static SourceText Changed(SourceText source, IEnumerable<Override> overrides) =>
        overrides.Aggregate(source, (text, change) => change.ApplyTo(text));

    private static List<WorkloadDefinition> Workloads(IReadOnlyList<WorkloadDraft> drafts, TopologyDefinition topology)
    {
        var rules = new WorkloadRules(topology);
        var seen = new Dictionary<string, SourceLocation>(StringComparer.Ordinal);
        var workloads = new List<WorkloadDefinition>();
        foreach (var draft in drafts)
        {
            var (name, at) = draft.Name;
            if (!seen.TryAdd(name, at))
                throw new InputException($"two workloads are called '{name}'", $"the first is at line {seen[name].Line}", at);
            rules.Check(draft);
            workloads.Add(draft.Definition with
            {
                Checks = [.. draft.Checks.Select(text => CheckParser.Parse(text, name, draft.Definition.SizesBytes))],
            });
        }
        return workloads;
    }

    // Kept without '..', so that the name under which a journal keeps the topology is the same from wherever it is read.
    private static string Beside(string path, string relative)
    {
        var joined = Path.Combine(Path.GetDirectoryName(path) ?? "", relative);
        var kept = new List<string>();
        foreach (var component in joined.Split('/'))
        {
            if (component == "." || (component.Length == 0 && kept.Count > 0))
                continue;
            if (component == ".." && kept.Count > 0 && kept[^1] is not ("" or ".."))
                kept.RemoveAt(kept.Count - 1);
            else
                kept.Add(component);
        }
        return string.Join('/', kept);
    }
}
