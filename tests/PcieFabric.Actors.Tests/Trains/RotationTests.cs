using PcieFabric.Ports;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Trains;

public sealed class RotationTests(ITestOutputHelper output)
{
    [Fact]
    public void TheHandStandsBelowTheMarkWhenCountingSaysSo()
    {
        const int Most = 20_000;
        var dice = TestSeed.Random(output);
        for (var round = 0; round < 2_000; round++)
        {
            var start = Any(dice);
            var step = Any(dice);
            var below = Any(dice) >> dice.Next(32);
            var hand = start;
            var steps = 0L;
            while (steps < Most && hand >= below) (hand, steps) = (hand + step, steps + 1);
            var found = Rotation.StepsUntilBelow(start, step, below);
            if (steps < Most) Assert.True(found == steps, $"from {start} by {step} below {below} in {steps}, not {found}");
            else Assert.True(found >= Most, $"from {start} by {step} below {below} not in {found}");
        }
    }

    /// <summary>Far, near and round numbers.</summary>
    private static uint Any(Random dice) => dice.Next(4) switch
    {
        0 => (uint)dice.NextInt64(1L << 32),
        1 => (uint)dice.Next(8),
        2 => 0u - (uint)dice.Next(8),
        _ => (uint)dice.Next(64) << 26,
    };
}
