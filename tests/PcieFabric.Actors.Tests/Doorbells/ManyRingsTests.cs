using System.Diagnostics;
using PcieFabric.HostDrivers;
using PcieFabric.InterruptControllers;
using PcieFabric.RootComplexes;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>Eight functions of one controller own 32 doorbells each, at the same time: every ring arrives once, at its own handler, in the order of rings.</summary>
public sealed class ManyRingsTests(ITestOutputHelper output)
{
    private const int Functions = 8, Doorbells = 32;

    [Theory]
    [InlineData("its", "", 1_000_000)]
    [InlineData("ims", "", 1_000_000)]
    [InlineData("ims", ", storage: memory", 100_000)]
    public void RingsInRandomOrderAreEachDeliveredOnceToTheRightHandler(string kind, string more, int rings)
    {
        var seed = TestSeed.Of(output, 42);
        var rung = new long[Functions, Doorbells];
        var (sent, heard) = (new ulong[Functions], new ulong[Functions]);
        using var fabric = DoorbellFabric.Of(kind, Functions, Doorbells, more);
        for (var f = 0; f < Functions; f++)
        {
            var function = f;
            fabric.DoorbellsOf(f).Rung = doorbell => heard[function] = Mix(heard[function], doorbell.Number);
        }
        var watch = Stopwatch.StartNew();
        var allocated = long.MaxValue;
        fabric.Run(async (host, hierarchy) =>
        {
            var drivers = await host.DriversAsync(hierarchy, Functions);
            await RingAsync(drivers, new Random(seed), rung, sent, rings / 100);
            watch.Restart();
            var random = new Random(seed + 1);
            for (var tenth = 0; tenth < 10; tenth++)
            {
                // A collection that another test brings about counts what was left of this thread's buffer: the least of ten is the rings' own.
                var before = GC.GetAllocatedBytesForCurrentThread();
                await RingAsync(drivers, random, rung, sent, (rings - rings / 100) / 10);
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            await drivers[0].ReadTotalAsync();
            watch.Stop();
            await host.SettleAsync(drivers[0]);
        });
        output.WriteLine($"{rings / watch.Elapsed.TotalSeconds:N0} rings/s, {allocated} bytes allocated; {fabric.InterruptsOf().Messages!.Counters}");

        Assert.Equal(sent, heard);
        for (var f = 0; f < Functions; f++)
            for (var d = 0; d < Doorbells; d++)
                Assert.Equal(rung[f, d], fabric.DoorbellsOf(f).Set![d].Rings);
        Assert.Equal($"Delivered {rings}", fabric.InterruptsOf().Messages!.Counters.ToString());
        Assert.All(fabric.Fabric.BoundFunctions.Values, software => Assert.Equal(0, software.Doorbells.Spurious));
        Assert.True(allocated < 10_000, $"{allocated} bytes were allocated on the way of the rings");
        fabric.AssertNothingLeaks();
    }

    private static async Task RingAsync(EpfDoorbellDriver[] drivers, Random random, long[,] rung, ulong[] sent, int rings)
    {
        for (var i = 0; i < rings; i++)
        {
            var (function, doorbell) = (random.Next(Functions), random.Next(Doorbells));
            rung[function, doorbell]++;
            sent[function] = Mix(sent[function], doorbell);
            await drivers[function].RingAsync(doorbell);
        }
    }

    private static ulong Mix(ulong digest, int doorbell) => (digest ^ (ulong)doorbell + 1) * 0x9E37_79B9_7F4A_7C15;
}
