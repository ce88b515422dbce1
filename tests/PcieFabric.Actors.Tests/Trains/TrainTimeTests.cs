using PcieFabric.Ports;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Trains;

public sealed class TrainTimeTests(ITestOutputHelper output)
{
    [Fact]
    public void SharesAddUpToPicoseconds()
    {
        var dice = TestSeed.Random(output);
        for (var round = 0; round < 1_000; round++)
        {
            var (span, start) = (Any(dice), Any(dice));
            var times = dice.Next(100);
            var sum = start;
            for (var i = 0; i < times; i++) sum += span;
            Assert.Equal(sum, start + span.Times(times));
            Assert.Equal(start, sum - span.Times(times));
            Assert.True(sum >= start && (times == 0 || sum > start));
        }
    }

    [Fact]
    public void WhatGrazesAWireFindsItFreeWhenItsSharesSaySo()
    {
        const int Most = 2_000;
        var dice = TestSeed.Random(output);
        for (var round = 0; round < 300; round++)
        {
            var grazes = new WireGrazes();
            var isEven = dice.Next(2) == 0;
            var count = 1 + dice.Next(8);
            var (each, first, late) = (Share(dice), Share(dice), Share(dice) >> (4 + dice.Next(20)));
            var shares = Enumerable.Range(0, count).Select(i => isEven ? first + (uint)i * each : Share(dice)).ToArray();
            foreach (var share in shares) grazes.Add(share, late);
            var (step, offset) = (isEven ? (uint)count * each : Share(dice), Share(dice));
            var periods = 0;
            while (periods < Most && shares.All(share => share + offset + (uint)periods * step >= late)) periods++;
            var found = grazes.PeriodsUntilFree(step, offset);
            Assert.True(periods < Most ? found == periods : found >= Most, $"round {round}: {found}, by counting {periods}");
        }
    }

    private static TrainTime Any(Random dice) => new(1 + dice.Next(1_000_000), Share(dice));

    private static uint Share(Random dice) => (uint)dice.NextInt64(1L << 32);
}
