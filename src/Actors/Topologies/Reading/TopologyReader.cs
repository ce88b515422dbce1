using PcieFabric.Documents;
using PcieFabric.Input;

namespace PcieFabric.Topologies.Reading;

/// <summary>Reads a topology from YAML.</summary>
public static class TopologyReader
{
    /// <summary>Reads a file of this machine.</summary>
    /// <exception cref="InputException">The first thing that is wrong with it, located.</exception>
    public static TopologyDefinition Read(string path) => Read(DiskFiles.Instance.Read(path));

    /// <inheritdoc cref="Read(string)"/>
    public static TopologyDefinition Read(SourceText source)
    {
        var draft = TopologySchema.Shape.Read(DocumentLoader.Load(source), "a topology");
        var topology = new PartResolver(draft).Resolve();
        TopologyRules.Check(topology);
        return topology;
    }
}
