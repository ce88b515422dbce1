using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Links;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.Topologies;

public class PartitionPlanTests
{
    [Fact]
    public void TheCutPassesBetweenSwitchesRatherThanThroughOne()
    {
        // Half of the actors would end among the endpoints of the first switch.
        var plan = Plan(Parts.Host(Leaf("a", 8), Leaf("b", 8)), 2);

        Assert.All(plan, p => Assert.Equal(p.Path.Contains("/b", StringComparison.Ordinal) ? 1 : 0, p.Partition));
    }

    [Fact]
    public void OfTwoCutsTheLongerLinkIsTaken()
    {
        var near = new LinkSettings { Propagation = SimTime.FromNanoseconds(1) };
        var far = new LinkSettings { Propagation = SimTime.FromNanoseconds(50) };
        var between = Parts.Switch("x", Parts.Port(Leaf("d", 16), far));

        var plan = Plan(Parts.Host(Parts.Port(Leaf("a", 16)), Parts.Port(between, near)), 2);

        Assert.All(plan, p => Assert.Equal(p.Path.Contains("/d/", StringComparison.Ordinal) || p.Path.EndsWith("/d", StringComparison.Ordinal) ? 1 : 0, p.Partition));
    }

    [Fact]
    public void HostsStayWhole()
    {
        var host = Parts.Host(Leaf("a", 6), Leaf("b", 6)).Hosts[0];
        var topology = new TopologyDefinition { Name = "hosts", Hosts = [.. Enumerable.Range(0, 4).Select(i => host with { Name = $"host{i}" })] };

        foreach (var partitions in new[] { 2, 4 })
        {
            foreach (var (path, partition) in Plan(topology, partitions))
                Assert.Equal((path[4] - '0') * partitions / 4, partition);
        }
    }

    [Fact]
    public void NoPartitionHasMuchMoreThanItsShare()
    {
        const int Leaves = 12, Endpoints = 6, Actors = 1 + Leaves + Leaves * (1 + 2 * Endpoints);
        var topology = Parts.Host([.. Enumerable.Range(0, Leaves).Select(i => Parts.Port(Leaf($"leaf{i}", Endpoints)))]);
        for (var partitions = 1; partitions <= 6; partitions++)
        {
            var sizes = Plan(topology, partitions).GroupBy(p => p.Partition).Select(g => g.Sum(p => ActorsOf(p.Path))).ToArray();
            Assert.Equal((partitions, Actors), (sizes.Length, sizes.Sum()));
            Assert.All(sizes, size => Assert.InRange(size, 1, 1.5 * Actors / partitions));
        }

        static int ActorsOf(string path) => path.Split('/').Length switch { 1 => 1 + Leaves, 3 => 1 + Endpoints, _ => 1 };
    }

    [Fact]
    public void PartitionsMayBeMoreThanParts()
    {
        var plan = Plan(Parts.Host(Leaf("a", 1)), 8);

        Assert.Equal(3, plan.Count);
        Assert.All(plan, p => Assert.InRange(p.Partition, 0, 7));
    }

    [Fact]
    public void PinsComeFirst()
    {
        var topology = Parts.Host(Leaf("a", 4), Leaf("b", 4)) with { Partitions = new PartitionHint(2, [new PartitionPin(new PathPattern("**/b/**"), 0)]) };

        Assert.All(Plan(topology, 2).Where(p => p.Path.Contains("/b", StringComparison.Ordinal)), p => Assert.Equal(0, p.Partition));
    }

    private static SwitchDefinition Leaf(string name, int endpoints) =>
        Parts.Switch(name, [.. Enumerable.Range(0, endpoints).Select(i => Parts.Endpoint($"{name}{i}"))]);

    private static List<(string Path, int Partition)> Plan(TopologyDefinition topology, int partitions)
    {
        var plan = new PartitionPlan(topology, partitions);
        var paths = topology.Hosts.SelectMany(h => TopologyInstances.Of(h).Select(i => i.Path).Prepend(h.Name));
        return [.. paths.Select(path => (path, plan.Next(path)))];
    }
}
