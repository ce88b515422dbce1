using PcieFabric.Documents;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Reading;

/// <summary>Reads a topology from YAML.</summary>
public static class TopologyReader
{
    /// <summary>Reads a file of this machine.</summary>
    /// <exception cref="InputException">The first thing that is wrong with it, located.</exception>
    public static TopologyDefinition Read(string path) => Read(DiskFiles.Instance.Read(path), []);

    /// <summary>Reads a text, and puts other values into it before it is looked at.</summary>
    /// <exception cref="InputException">The first thing that is wrong with it, located.</exception>
    public static TopologyDefinition Read(SourceText source, params IReadOnlyList<Override> overrides)
    {
        var root = overrides.Aggregate(DocumentLoader.Load(source), (document, one) => one.Apply(document));
        var draft = TopologySchema.Shape.Read(root, "a topology");
        var topology = new PartResolver(draft).Resolve();
        TopologyRules.Check(topology);
        return topology;
    }
}
