using PcieFabric.Engine;
using Xunit.Abstractions;
using Timer = PcieFabric.Engine.Timer;

namespace PcieFabric.Actors.Tests.Engine;

public class PartitionedRunTests(ITestOutputHelper output)
{
    private const int Nets = 40;

    [Fact]
    public void PartitionsAndThreadsKeepTheOrder()
    {
        foreach (var seed in Seeds())
        {
            var expected = Run(seed, 1, 1, null);
            foreach (var (partitions, threads) in new[] { (2, 1), (2, 2), (3, 2), (4, 1), (4, 2) })
                Assert.True(expected.SequenceEqual(Run(seed, partitions, threads, null)), $"seed {seed}, {partitions} partitions, {threads} threads");
        }
    }

    [Fact]
    public void ARunInPiecesIsTheRunInOne()
    {
        foreach (var seed in Seeds())
        {
            var expected = Run(seed, 1, 1, null);
            Assert.True(expected.SequenceEqual(Run(seed, 1, 1, 777)), $"seed {seed}");
            Assert.True(expected.SequenceEqual(Run(seed, 3, 2, 777)), $"seed {seed}, in partitions");
        }
    }

    [Fact]
    public void ARunEndsJustBeforeItsEnd()
    {
        using var net = new ToyEngine();
        var a = net.Add("a");
        foreach (var at in new[] { 9, 10, 11 }) a.Here.Schedule(at, default);

        net.Engine.Run(new SimTime(10));
        Assert.Equal(9, Assert.Single(a.Log).AtPs);
        Assert.Equal(new SimTime(9), net.Engine.Now);

        net.Engine.Run(new SimTime(11));
        Assert.Equal(2, a.Log.Count);
        net.Engine.Run();
        Assert.Equal(3, a.Log.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void BetweenTurnsNothingOfTheTimePassedIsLeft(int partitions)
    {
        using var net = Endless(partitions);
        var passed = SimTime.Zero;
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => net.Engine.Run(threads: 2, cancellation: stop.Token, turnEnded: time =>
        {
            Assert.True(time >= passed);
            Assert.Equal(time.Picoseconds, net.Toys[0].Log[^1].AtPs);
            passed = time;
            if (time.Picoseconds > 600_000) stop.Cancel();
        }));
        net.Engine.Run(passed + new SimTime(11));
        Assert.Equal(passed.Picoseconds + 10, net.Toys[0].Log[^1].AtPs);
    }

    /// <summary>Two toys with an alarm at each picosecond.</summary>
    private static ToyEngine Endless(int partitions)
    {
        var net = new ToyEngine(partitions);
        for (var i = 0; i < 2; i++)
        {
            var toy = net.Add($"toy{i}", i);
            toy.Before = static (t, _) => t.Here.Schedule(1, default);
            toy.Here.Schedule(1, default);
        }
        net.Connect(net.Toys[0], net.Toys[1], 1000);
        return net;
    }

    private static ulong[] Run(int seed, int partitions, int threads, long? pieceOfPs)
    {
        using var net = ToyEngine.Random(seed, partitions);
        for (long at = pieceOfPs ?? 0; pieceOfPs is { } piece && at < 30 * piece; at += piece) net.Engine.Run(new SimTime(at), threads);
        net.Engine.Run(threads: threads);
        Assert.Equal(0, net.Engine.PayloadsOutstanding);
        Assert.True(net.Engine.Delivered > net.Toys.Count);
        return net.Digests;
    }

    private IEnumerable<int> Seeds()
    {
        var first = TestSeed.Of(output, 1);
        return Enumerable.Range(first, Nets);
    }
}
