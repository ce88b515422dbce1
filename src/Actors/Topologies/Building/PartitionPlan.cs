namespace PcieFabric.Topologies.Building;

/// <summary>
/// Which partition runs which actor. The fabric is cut at links only: a root complex with its root ports, a switch, and an endpoint with its functions
/// stay whole. Parts are dealt out in the order of the topology, in runs of about equal size that end where the cut passes the fewest and longest links:
/// before another host, if that is near, or else another switch.
/// </summary>
internal sealed class PartitionPlan
{
    /// <summary>A partition may have this part of its share more or less, if that spares cutting links: an eighth still leaves two threads 1.7 times one's pace.</summary>
    private const int SharesSpared = 8;

    /// <summary>What a link costs whose two ends are in different partitions, at a look-ahead of a picosecond; it falls with the look-ahead.</summary>
    private const long CostOfShortest = 1_000_000_000;

    private readonly IReadOnlyList<PartitionPin> _pins;
    private readonly int[] _firstOf;
    private int _asked;
    private int _dealt;

    public PartitionPlan(TopologyDefinition topology, int partitions)
    {
        Partitions = partitions != 0 ? partitions : Math.Max(1, topology.Partitions.Count);
        _pins = topology.Partitions.Pins;
        _firstOf = Partitions == 1 ? [0] : Cut(new PartWeights(topology), Partitions);
    }

    public int Partitions { get; }

    /// <summary>To be asked once for each host, switch and endpoint, in the order of the topology.</summary>
    public int Next(string path)
    {
        var part = _asked++;
        while (_dealt + 1 < Partitions && part >= _firstOf[_dealt + 1]) _dealt++;
        var pin = _pins.FirstOrDefault(p => p.Pattern.Matches(path));
        return pin is null ? _dealt : pin.Partition % Partitions;
    }

    /// <returns>The first part of each partition.</returns>
    private static int[] Cut(PartWeights parts, int partitions)
    {
        var firstOf = new int[partitions];
        var at = 0;
        for (var partition = 1; partition < partitions; partition++)
        {
            // In units that keep both whole numbers: all weights, times the partitions.
            var ideal = parts.Total * partition;
            var slack = parts.Total / SharesSpared;
            while (at < parts.Count && parts.Before(at) * partitions < ideal - slack) at++;
            firstOf[partition] = at;
            for (var other = at + 1; other < parts.Count && parts.Before(other) * partitions <= ideal + slack; other++)
                if (IsBetter(other, firstOf[partition])) firstOf[partition] = other;

            bool IsBetter(int one, int other) => parts.CostBefore(one) != parts.CostBefore(other)
                ? parts.CostBefore(one) < parts.CostBefore(other)
                : Math.Abs(parts.Before(one) * partitions - ideal) < Math.Abs(parts.Before(other) * partitions - ideal);
        }
        return firstOf;
    }

    /// <summary>How many actors all parts before each have, and what a cut there costs.</summary>
    private sealed class PartWeights
    {
        private readonly List<long> _before = [0];
        private readonly List<long> _costs = [0];
        private readonly Stack<(string Path, int Part)> _above = new();

        public PartWeights(TopologyDefinition topology)
        {
            foreach (var host in topology.Hosts)
            {
                _above.Clear();
                Add(host.Name, 1 + host.RootComplexes.Sum(r => r.Ports.Count));
                foreach (var instance in TopologyInstances.Of(host))
                {
                    while (!instance.Path.StartsWith(_above.Peek().Path + "/", StringComparison.Ordinal)) _above.Pop();
                    var above = _above.Peek().Part;
                    Add(instance.Path, instance.Part is SwitchDefinition fan ? 1 + fan.Ports.Count : 1);
                    // Cut wherever its upper end comes before the cut and its lower end does not: until all are there, costs are differences to the part before.
                    var cost = CostOfShortest / Math.Max(1, instance.Port.Link.Propagation.Picoseconds);
                    _costs[above + 1] += cost;
                    _costs[Count] -= cost;
                }
            }
            for (var i = 1; i < _costs.Count; i++) _costs[i] += _costs[i - 1];
        }

        public int Count => _before.Count - 1;

        public long Total => _before[^1];

        public long Before(int part) => _before[part];

        public long CostBefore(int part) => _costs[part];

        private void Add(string path, int actors)
        {
            _above.Push((path, Count));
            _before.Add(_before[^1] + actors);
            _costs.Add(0);
        }
    }
}
