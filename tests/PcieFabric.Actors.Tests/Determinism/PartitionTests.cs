using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Determinism;

/// <summary>PCIEFABRIC_SEED draws other fabrics, PCIEFABRIC_FABRICS another number of them.</summary>
public class PartitionTests(ITestOutputHelper output)
{
    private const int FabricsEach = 25;

    private static readonly (int Partitions, int Threads)[] Spreads = [(1, 1), (2, 1), (2, 2), (4, 1), (4, 2)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void PartitionsAndThreadsChangeNothing(int batch)
    {
        var fabrics = TestSeed.Count("PCIEFABRIC_FABRICS", FabricsEach);
        var first = TestSeed.Of(output, 1) + batch * fabrics;
        output.WriteLine($"seeds {first} to {first + fabrics - 1}; PCIEFABRIC_SEED and PCIEFABRIC_FABRICS set others");
        for (var seed = first; seed < first + fabrics; seed++)
        {
            var topology = new RandomTopology(new Random(seed)).Draw();
            var expected = Run(topology, seed, 1, 1);
            foreach (var (partitions, threads) in Spreads.Skip(1))
                Assert.True(expected.SequenceEqual(Run(topology, seed, partitions, threads)), $"seed {seed} differs on {partitions} partitions and {threads} threads");
        }
    }

    /// <summary>Every part anywhere, so that all links are cut that can be.</summary>
    [Fact]
    public void NoPlanChangesAnything()
    {
        var first = TestSeed.Of(output, 1);
        for (var seed = first; seed < first + FabricsEach; seed++)
        {
            var random = new Random(seed);
            var topology = new RandomTopology(random).Draw();
            var paths = topology.Hosts.SelectMany(h => TopologyInstances.Of(h).Select(i => i.Path).Prepend(h.Name));
            var pins = paths.Select(path => new PartitionPin(new PathPattern(path), random.Next(256))).ToArray();
            var planned = topology with { Partitions = new PartitionHint(random.Next(2, 9), pins) };
            Assert.True(Run(topology, seed, 1, 1).SequenceEqual(Run(planned, seed, 0, 1 + random.Next(3))), $"seed {seed}");
        }
    }

    [Fact]
    public void AnotherSeedIsAnotherRun()
    {
        var topology = new RandomTopology(new Random(1)).Draw();

        Assert.NotEqual(Run(topology, 1, 1, 1), Run(topology, 2, 1, 1));
    }

    private static IReadOnlyList<ulong> Run(TopologyDefinition topology, int seed, int partitions, int threads)
    {
        using var fabric = new TestFabric(topology, (ulong)seed, partitions, taps: false);
        foreach (var probe in fabric.Probes) RandomSoftware.Program(probe);
        foreach (var host in fabric.Fabric.Hosts.Values) host.Run(RandomSoftware.RunAsync);
        var digests = new ActorDigests(fabric.Engine);
        try
        {
            fabric.Engine.Run(threads: threads);
            AtRest.Check(fabric.Fabric);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, {partitions} partitions, {threads} threads: {e.Message}", e);
        }
        return digests.Values;
    }
}
