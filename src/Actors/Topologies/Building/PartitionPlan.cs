namespace PcieFabric.Topologies.Building;

/// <summary>
/// Which partition runs which actor. The fabric is cut at links only: a root complex with its root ports, a switch, and an endpoint with its functions
/// stay whole. Parts are dealt out in the order of the topology, in runs of equal size, so that neighbours mostly stay together.
/// </summary>
internal sealed class PartitionPlan
{
    private readonly IReadOnlyList<PartitionPin> _pins;
    private readonly int _parts;
    private int _dealt;

    public PartitionPlan(TopologyDefinition topology, int partitions)
    {
        Partitions = partitions != 0 ? partitions : Math.Max(1, topology.Partitions.Count);
        _pins = topology.Partitions.Pins;
        _parts = topology.Hosts.Count + TopologyInstances.Of(topology).Count();
    }

    public int Partitions { get; }

    /// <summary>To be asked once for each host, switch and endpoint, in the order of the topology.</summary>
    public int Next(string path)
    {
        var dealt = (int)((long)_dealt++ * Partitions / _parts);
        var pin = _pins.FirstOrDefault(p => p.Pattern.Matches(path));
        return pin is null ? dealt : pin.Partition % Partitions;
    }
}
