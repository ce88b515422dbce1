using Xunit.Abstractions;
using PcieFabric.Engine;

namespace PcieFabric.Actors.Tests.Engine;

public class ReservationTests(ITestOutputHelper output)
{
    /// <summary>One toy in the middle and several around it, which are spawned, or reserved and made when and in the order that chance picks.</summary>
    [Fact]
    public void ReservedActorsLiveAsIfTheyHadBeenSpawned()
    {
        var seed = TestSeed.Of(output);
        for (var run = 0; run < 50; run++)
        {
            var random = new Random(seed + run);
            var (around, delay) = (random.Next(1, 9), random.Next(1, 500));
            var spawned = Run(seed + run, around, delay, order: null, out var paths, out var ends);
            int[] order = [.. Enumerable.Range(0, around)];
            random.Shuffle(order);

            Assert.Equal(spawned, Run(seed + run, around, delay, order, out var reservedPaths, out var reservedEnds));
            Assert.Equal(paths, reservedPaths);
            Assert.Equal(ends, reservedEnds);
        }
    }

    [Fact]
    public void WhatNobodyHasToDoWithIsNotMade()
    {
        using var engine = new DeterministicEngine();
        var made = 0;
        var reserved = engine.Reserve(1_000_000, 1, i => $"idle{i}", (i, numbers) =>
        {
            made++;
            numbers.Spawn(new Props(new ActorPath($"idle{i}"), new Toy(1)));
        });
        engine.Run();

        Assert.Equal(1_000_000, engine.Actors);
        Assert.Equal("idle77", engine.PathOf(77).Value);
        Assert.Equal(0, made);
        Assert.Equal("idle77", engine.CellAt(reserved.FirstActor + 77).Path.Value);
        Assert.Same(engine.CellAt(77), engine.CellAt(77));
        Assert.Equal(1, made);
    }

    [Fact]
    public void AReservedActorMakesAsManyChannelsAsItWasSaidTo()
    {
        using var engine = new DeterministicEngine();
        engine.Reserve(1, 2, _ => "idle", (_, numbers) => numbers.Spawn(new Props(new ActorPath("idle"), new Toy(1))));

        Assert.Contains("1 are left", Assert.Throws<InvalidOperationException>(() => engine.CellAt(0)).Message);
    }

    private static ulong[] Run(int seed, int around, int maxDelayPs, int[]? order, out string[] paths, out (ActorPath, ActorPath)[] ends)
    {
        using var engine = new DeterministicEngine((ulong)seed);
        var middle = new Toy(maxDelayPs);
        var toys = Enumerable.Range(0, around).Select(_ => new Toy(maxDelayPs)).ToArray();
        engine.Spawn(new Props(new ActorPath("middle"), middle));
        var first = engine.Actors;
        if (order is not null) engine.Reserve(around, 3, i => $"toy{i}", Make);
        else
            for (var i = 0; i < around; i++) Make(i, engine);
        engine.Spawn(new Props(new ActorPath("last"), new Toy(maxDelayPs)));
        foreach (var place in order ?? []) engine.CellAt(first + place);
        foreach (var toy in toys) toy.Here.Schedule(1, new PcieFabric.Engine.Timer(20, 0));
        engine.Run();
        paths = [.. engine.Paths.Select(path => path.Value)];
        ends = [.. Enumerable.Range(0, engine.Channels.Count).Select(engine.Ends)];
        return [middle.Seen, .. toys.Select(toy => toy.Seen)];

        void Make(int i, IActorEngine numbers)
        {
            numbers.Spawn(new Props(new ActorPath($"toy{i}"), toys[i]));
            toys[i].Connect(numbers.Connect(toys[i], middle, 1 + i, new SimTime(1)), 1);
            numbers.Connect(middle, toys[i], 1, new SimTime(1));
        }
    }
}
