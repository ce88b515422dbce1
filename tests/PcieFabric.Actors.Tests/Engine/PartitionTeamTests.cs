using PcieFabric.Engine;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Engine;

/// <summary>Who runs which partition, and that threads may come and go between runs.</summary>
public class PartitionTeamTests(ITestOutputHelper output)
{
    private const int Nets = 40;
    private const int Turns = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WhereThereIsMuchToDoEachThreadDoesItsPart(int threads)
    {
        using var net = Ticking(partitions: 3, leastToShare: 0);
        var seen = ThreadsOf(net);

        net.Engine.Run(threads: threads);

        Assert.Equal(threads, seen.SelectMany(s => s).Distinct().Count());
    }

    [Fact]
    public void WhileThereIsLittleToDoTheCallerDoesItAlone()
    {
        using var net = Ticking(partitions: 3, leastToShare: int.MaxValue);
        var seen = ThreadsOf(net);

        net.Engine.Run(threads: 3);

        Assert.All(seen, s => Assert.Equal([Environment.CurrentManagedThreadId], s));
    }

    /// <summary>Once half of the ticks are over there is one tick a look-ahead in place of a thousand.</summary>
    [Fact]
    public void WhenItGetsQuietTheCallerGoesOnAlone()
    {
        using var net = Ticking(partitions: 2, leastToShare: EngineLimits.LeastToShare);
        var seen = ThreadsOf(net);
        net.Engine.Run(threads: 2);
        Assert.Contains(seen[1], thread => thread != Environment.CurrentManagedThreadId);

        foreach (var toy in net.Toys) Tick(toy, everyPs: LookAheadPs, ticks: Turns);
        net.Engine.Run(new SimTime(net.Engine.Now.Picoseconds + Turns * LookAheadPs / 2), threads: 2);
        foreach (var threads in seen) threads.Clear();
        net.Engine.Run(threads: 2);

        Assert.All(seen, s => Assert.Equal([Environment.CurrentManagedThreadId], s));
    }

    [Fact]
    public void ThreadsMayChangeFromRunToRun()
    {
        var first = TestSeed.Of(output, 1);
        for (var seed = first; seed < first + Nets; seed++)
        {
            using var alone = ToyEngine.Random(seed, 1);
            alone.Engine.Run();
            var random = new Random(seed);
            using var net = ToyEngine.Random(seed, random.Next(2, 6), random);
            for (var until = 0; net.Engine.Next != SimTime.Never;)
            {
                until += random.Next(1, 20_000);
                net.Engine.LeastToShare = random.Next(2) * EngineLimits.LeastToShare;
                net.Engine.Run(new SimTime(until), threads: random.Next(1, 5));
            }
            Assert.True(alone.Digests.SequenceEqual(net.Digests), $"seed {seed}");
        }
    }

    /// <summary>What fails ends one run; the threads are there for the next.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AfterAFailureTheNextRunDeliversTheRest(int threads)
    {
        using var net = Ticking(partitions: 2, leastToShare: 0);
        var left = Turns;
        net.Toys[1].Before = (_, _) =>
        {
            if (--left == 0) throw new FormatException("once");
        };

        Assert.Throws<ActorFailedException>(() => net.Engine.Run(threads: threads));
        net.Engine.Run(threads: threads);

        Assert.Equal(Ticks, net.Toys[0].Log.Count);
        Assert.Equal(Ticks - 1, net.Toys[1].Log.Count);
    }

    private const int LookAheadPs = 1000;
    private const int Ticks = 20_000;

    /// <summary>A toy in each partition that has something to do each picosecond, and could send to the next.</summary>
    private static ToyEngine Ticking(int partitions, int leastToShare)
    {
        var net = new ToyEngine(partitions);
        net.Engine.LeastToShare = leastToShare;
        for (var i = 0; i < partitions; i++) Tick(net.Add($"toy{i}", i), everyPs: 1, Ticks);
        for (var i = 0; i < partitions; i++) net.Connect(net.Toys[i], net.Toys[(i + 1) % partitions], LookAheadPs);
        return net;
    }

    private static void Tick(Toy toy, int everyPs, int ticks)
    {
        for (var i = 1; i <= ticks; i++) toy.Here.Schedule(i * everyPs, default);
    }

    /// <summary>The threads on which each toy gets messages from now on.</summary>
    private static List<HashSet<int>> ThreadsOf(ToyEngine net) =>
    [
        .. net.Toys.Select(toy =>
        {
            var threads = new HashSet<int>();
            toy.Before = (_, _) => threads.Add(Environment.CurrentManagedThreadId);
            return threads;
        }),
    ];
}
