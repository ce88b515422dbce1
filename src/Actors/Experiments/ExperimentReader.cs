using PcieFabric.Documents;
using PcieFabric.Input;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Reading;

namespace PcieFabric.Experiments;

/// <summary>Reads an experiment, and the topology that it names, from YAML.</summary>
public static class ExperimentReader
{
    private const string TopologyKey = "topology";

    /// <summary>Reads files of this machine.</summary>
    /// <exception cref="InputException">The first thing that is wrong, located.</exception>
    public static ExperimentDefinition Read(string path) => Read(path, DiskFiles.Instance);

    /// <summary>Reads files from elsewhere: a journal's <see cref="ExperimentDefinition.Sources"/> through <see cref="KeptFiles"/>, say.</summary>
    /// <exception cref="InputException">The first thing that is wrong, located.</exception>
    /// <param name="path">The experiment's file.</param>
    /// <param name="files">Where it is found, and the topology.</param>
    /// <param name="overrides">Values to put in; those below <c>topology.</c> go into the topology.</param>
    public static ExperimentDefinition Read(string path, ISourceFiles files, params IReadOnlyList<Override> overrides)
    {
        var source = files.Read(path);
        var root = overrides.Where(one => one.Below(TopologyKey) is null).Aggregate(DocumentLoader.Load(source), (document, one) => one.Apply(document));
        var draft = ExperimentSchema.Shape.Read(root, "an experiment");
        var topologySource = files.Read(Beside(path, draft.Topology.Value), draft.Topology.At);
        var topology = TopologyReader.Read(topologySource, [.. overrides.Select(one => one.Below(TopologyKey)).OfType<Override>()]);
        return new ExperimentDefinition
        {
            Name = draft.Name,
            Description = draft.Description,
            Topology = topology,
            Seed = draft.Seed,
            Partitions = draft.Partitions,
            Threads = draft.Threads,
            TimeLimit = draft.TimeLimit,
            Plot = draft.Plot,
            Workloads = Workloads(draft.Workloads, topology),
            Sources = [source, topologySource],
            Overrides = [.. overrides.Select(one => one.Text)],
            Source = draft.Source,
        };
    }

    private static List<WorkloadDefinition> Workloads(IReadOnlyList<IReadOnlyList<WorkloadDraft>> drafts, TopologyDefinition topology)
    {
        var rules = new WorkloadRules(topology);
        var seen = new Dictionary<string, SourceLocation>(StringComparer.Ordinal);
        var workloads = new List<WorkloadDefinition>();
        foreach (var points in drafts)
        {
            var (name, at) = points[0].Name;
            if (!seen.TryAdd(name, at))
                throw new InputException($"two workloads are called '{name}'", $"the first is at line {seen[name].Line}", at);
            foreach (var point in points) point.Definition.Check(rules, point.At);
            IReadOnlyList<Check> checks = [.. points[0].Checks.Select(text => CheckParser.Parse(text, name, points[0].Definition.SizesBytes, [.. points.Select(point => point.Definition.Point)]))];
            workloads.AddRange(points.Select(point => point.Definition with { Checks = checks }));
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
