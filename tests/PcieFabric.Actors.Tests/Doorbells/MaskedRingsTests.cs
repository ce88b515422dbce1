using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.Doorbells;
using PcieFabric.EndpointFunctions;
using PcieFabric.InterruptControllers;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>Stored messages are masked, unmasked and re-targeted while the host rings: what is heard is what the rules of pending bits say, ring by ring.</summary>
public sealed class MaskedRingsTests(ITestOutputHelper output)
{
    private const int Functions = 8, Doorbells = 32;

    [Theory]
    [InlineData("", 1_000_000)]
    [InlineData(", storage: memory", 100_000)]
    public void RingsUnderMaskingAndRetargetingAreHeardAsPendingBitsSay(string more, int rings)
    {
        var seed = TestSeed.Of(output, 43);
        using var fabric = DoorbellFabric.Of("ims", Functions, Doorbells, more);
        var oracle = new PendingBitOracle(fabric, Functions, readsIntent: more.Length > 0);
        fabric.Fabric.Engine.Observe(_ => oracle);
        var heard = new ulong[Functions];
        var counts = new long[Functions, Doorbells];
        var (isOver, changes) = (false, 0);
        for (var f = 0; f < Functions; f++)
        {
            var function = f;
            var random = new Random(seed + 1 + f);
            fabric.DoorbellsOf(f).Rung = doorbell =>
            {
                counts[function, doorbell.Number]++;
                heard[function] = PendingBitOracle.Mix(heard[function], doorbell.Number);
            };
            fabric.Software(f).Run(async operate =>
            {
                await operate.DelayAsync(SimTime.FromMilliseconds(30.1));
                var set = fabric.DoorbellsOf(function).Set!;
                while (!isOver)
                {
                    await ChangeAsync(set, random);
                    changes++;
                    await operate.DelayAsync(SimTime.FromNanoseconds(random.Next(1000)));
                }
                foreach (var doorbell in set) Assert.True((await doorbell.UnmaskAsync()).IsSuccess);
            });
        }
        fabric.Run(async (host, hierarchy) =>
        {
            var drivers = await host.DriversAsync(hierarchy, Functions);
            var random = new Random(seed);
            for (var i = 0; i < rings; i++) await drivers[random.Next(Functions)].RingAsync(random.Next(Doorbells));
            await host.SettleAsync(drivers[0]);
            isOver = true;
            await host.SettleAsync(drivers[0]);
        });

        var (store, messages) = (fabric.InterruptsOf().Store!, fabric.InterruptsOf().Messages!);
        output.WriteLine($"{changes} changes; store: {store.Counters}; interrupt controller: {messages.Counters}");
        Assert.Equal(oracle.Digests, heard);
        for (var f = 0; f < Functions; f++)
            for (var d = 0; d < Doorbells; d++)
                Assert.Equal(oracle.Expected[f, d], counts[f, d]);
        Assert.Equal(rings, oracle.Rings);
        Assert.Equal(0, store.PendingCount);
        Assert.Equal(rings, store.Counters[RingOutcome.Delivered] + store.Counters[RingOutcome.Coalesced]);
        Assert.Equal($"Delivered {store.Counters[RingOutcome.Delivered]}", messages.Counters.ToString());
        Assert.True(store.Counters[RingOutcome.Pending] > rings / 1000 && store.Counters[RingOutcome.Coalesced] > rings / 1000, "masks have met rings");
        fabric.AssertNothingLeaks();
    }

    /// <summary>More often unmasked than masked, so that rings are held back for a while, not for good.</summary>
    private static async Task ChangeAsync(DoorbellSet set, Random random)
    {
        var doorbell = set[random.Next(set.Count)];
        var result = random.Next(4) switch
        {
            0 => await doorbell.MaskAsync(),
            1 => await doorbell.RetargetAsync(set[random.Next(set.Count)]),
            _ => await doorbell.UnmaskAsync(),
        };
        Assert.True(result.IsSuccess);
    }
}
