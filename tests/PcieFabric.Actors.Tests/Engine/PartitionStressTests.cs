using PcieFabric.Engine;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Engine;

/// <summary>Toys dealt out to partitions at random, so that all send to all, with everything that may interrupt a run.</summary>
public class PartitionStressTests(ITestOutputHelper output)
{
    private const int Nets = 60;

    [Fact]
    public void AnyPlanGivesTheSameRun() => ForEach((seed, random) =>
    {
        using var net = Draw(seed, random, out var threads);
        net.Engine.Run(threads: threads);
        Assert.Equal(0, net.Engine.PayloadsOutstanding);
        return net.Digests;
    });

    [Fact]
    public void PausesAtAnyTimeChangeNothing() => ForEach((seed, random) =>
    {
        using var net = Draw(seed, random, out var threads);
        for (var until = SimTime.Zero; net.Engine.Next != SimTime.Never;)
        {
            until += new SimTime(random.Next(1, 5000));
            net.Engine.Run(until, threads);
            Assert.True(net.Engine.Next >= until);
            Assert.True(net.Engine.Now < until);
        }
        return net.Digests;
    });

    [Fact]
    public void ACancelledRunGoesOnWhereItEnded() => ForEach((seed, random) =>
    {
        using var net = Draw(seed, random, out var threads);
        while (net.Engine.Next != SimTime.Never)
        {
            using var stop = new CancellationTokenSource();
            stop.Cancel();
            Assert.Throws<OperationCanceledException>(() => net.Engine.Run(threads: threads, cancellation: stop.Token));
        }
        return net.Digests;
    });

    [Fact]
    public void AStoppedRunGoesOnWhereItEnded() => ForEach((seed, random) =>
    {
        using var net = Draw(seed, random, out var threads);
        foreach (var toy in net.Toys)
        {
            var left = random.Next(1, 30);
            toy.Before = (_, _) =>
            {
                if (--left == 0) net.Engine.Stop();
            };
        }
        for (var runs = 0; net.Engine.Next != SimTime.Never; runs++)
        {
            Assert.True(runs <= net.Toys.Count, "a run ended though nobody stopped it");
            net.Engine.Run(threads: threads);
        }
        return net.Digests;
    });

    /// <summary>Several toys fail, on several threads: what is told is what one partition meets first.</summary>
    [Fact]
    public void TheFirstFailureIsTheSameOnAnyThread()
    {
        foreach (var seed in Seeds())
        {
            var expected = FailureOf(seed, ToyEngine.Random(seed, 1), 1);
            var random = new Random(seed);
            for (var plan = 0; plan < 3; plan++)
            {
                var net = Draw(seed, random, out var threads);
                Assert.Equal(expected, FailureOf(seed, net, threads));
            }
        }
    }

    /// <summary>Clocks that advance by each other alone would take a billion steps to the next alarm.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void SilenceIsSkippedHoweverShortTheLookAhead(int threads)
    {
        using var net = new ToyEngine(3);
        for (var i = 0; i < 3; i++) net.Add($"toy{i}", i);
        for (var i = 0; i < 3; i++) net.Connect(net.Toys[i], net.Toys[(i + 1) % 3], 1);
        for (var second = 1; second <= 20; second++) net.Toys[second % 3].Here.Schedule(second * SimTime.FromMilliseconds(1000).Picoseconds, default);

        net.Engine.Run(threads: threads);

        Assert.Equal(20, net.Toys.Sum(t => t.Log.Count));
    }

    /// <summary>More than a ring holds, before the receiver looks: the order stays.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ABurstToAnotherPartitionArrivesWholeAndInOrder(int threads)
    {
        const int Burst = 5000;
        using var net = new ToyEngine(2);
        var (a, b) = (net.Add("a", 0), net.Add("b", 1));
        net.Connect(a, b, 10);
        a.Before = (toy, _) =>
        {
            for (var i = 0; i < Burst; i++) toy.Send(0, 10 + i / 3, (ulong)i);
        };
        a.Here.Schedule(1, default);
        a.Here.Schedule(1 + 2 * Burst, default);

        net.Engine.Run(threads: threads);

        Assert.Equal(Enumerable.Range(0, 2 * Burst).Select(i => (ulong)(i % Burst)), b.Log.Select(l => l.What));
    }

    /// <summary>What is told an actor of another partition between two runs counts for when the next begins.</summary>
    [Fact]
    public void WhatIsSentBetweenRunsIsNextAndIsDelivered()
    {
        using var net = new ToyEngine(2);
        var (a, b) = (net.Add("a", 0), net.Add("b", 1));
        net.Connect(a, b, 10);
        net.Engine.Run(new SimTime(100), threads: 2);
        a.Send(0, 25, 7);

        Assert.Equal(new SimTime(99 + 25), net.Engine.Next);
        net.Engine.Run(threads: 2);

        Assert.Equal((99 + 25, 1, 7ul), Assert.Single(b.Log));
    }

    private static (string, string) FailureOf(int seed, ToyEngine net, int threads)
    {
        using (net)
        {
            var random = new Random(~seed);
            foreach (var toy in net.Toys)
            {
                var left = random.Next(1, 40);
                toy.Before = (t, _) =>
                {
                    if (--left == 0) throw new FormatException(t.Here.Path.Value);
                };
            }
            // Nets that end before are drawn too.
            if (Record.Exception(() => net.Engine.Run(threads: threads)) is not { } failure) return ("none", net.Engine.Delivered.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.IsType<ActorFailedException>(failure);
            return (failure.Message, failure.InnerException!.Message);
        }
    }

    private void ForEach(Func<int, Random, ulong[]> digestsOf)
    {
        foreach (var seed in Seeds())
        {
            using var alone = ToyEngine.Random(seed, 1);
            alone.Engine.Run();
            var random = new Random(seed);
            Assert.True(alone.Digests.SequenceEqual(digestsOf(seed, random)), $"seed {seed}");
        }
    }

    private static ToyEngine Draw(int seed, Random random, out int threads)
    {
        var partitions = random.Next(2, 7);
        threads = random.Next(1, 4);
        return ToyEngine.Random(seed, partitions, random);
    }

    private IEnumerable<int> Seeds() => Enumerable.Range(TestSeed.Of(output, 1), Nets);
}
