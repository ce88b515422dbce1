using System.Numerics;
using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.Addressing;
using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.InterruptControllers;
using PcieFabric.LocalDevices;
using PcieFabric.RootComplexes;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Doorbells;

/// <summary>Whatever a host writes into the BARs of one function, no other function's doorbell rings.</summary>
public sealed class IsolationTests(ITestOutputHelper output)
{
    private const int Functions = 4, Doorbells = 32;

    [Theory]
    [InlineData("its")]
    [InlineData("ims")]
    [InlineData("embedded")]
    [InlineData("polled")]
    public void GarbageInAllOfOneFunctionsPageNeverRingsAnothersDoorbell(string kind)
    {
        var random = new Random(TestSeed.Of(output, 44));
        using var fabric = DoorbellFabric.Of(kind, Functions, Doorbells);
        var (heardBefore, fifthBefore) = (new long[Functions], new long[Functions]);
        fabric.Run(async (host, hierarchy) =>
        {
            var drivers = await host.DriversAsync(hierarchy, Functions);
            var bars = EndpointTestFabric.FunctionOf(hierarchy, 1).Bars;
            var page = bars.Single(bar => bar.Range.Contains(drivers[1].AddressOf(0))).Range;
            await WriteGarbageAsync(host, page, random);
            await host.SettleAsync(drivers[0]);
            for (var f = 0; f < Functions; f++)
            {
                heardBefore[f] = fabric.DoorbellsOf(f).Set!.Sum(doorbell => doorbell.Rings);
                fifthBefore[f] = fabric.DoorbellsOf(f).Set![5].Rings;
            }
            for (var f = 0; f < Functions; f++) await drivers[f].RingAsync(5);
            await host.SettleAsync(drivers[0]);
        });
        output.WriteLine($"{fabric.InterruptsOf().Messages!.Counters}; {fabric.InterruptsOf().Store!.Counters}; {fabric.EmbeddedOf().EmulatedInterrupts} emulated");

        Assert.Equal([0, 0, 0], [heardBefore[0], heardBefore[2], heardBefore[3]]);
        Assert.True(heardBefore[1] > 0, "garbage rings the function's own doorbells");
        Assert.All(Enumerable.Range(0, Functions), f => Assert.Equal(fifthBefore[f] + 1, fabric.DoorbellsOf(f).Set![5].Rings));
        fabric.AssertNothingLeaks();
    }

    /// <summary>BARs that show all registers of a device, those of the processor too.</summary>
    [Theory]
    [InlineData(DoorbellKind.Its)]
    [InlineData(DoorbellKind.Ims)]
    public void AWindowOnAWholeDeviceLetsTheHostChangeNothingInIt(DoorbellKind kind)
    {
        const ulong Whole = LocalBus.SlotBytes;
        var random = new Random(TestSeed.Of(output, 45));
        var sets = new List<DoorbellSet>();
        using var fabric = ScriptFabric.Of("qemu-epc", async script =>
        {
            await script.ComposeAsync();
            sets.Add((await script.Bells.AllocateAsync(new DoorbellRequest(Doorbells, kind, Whole))).Set!);
            Assert.True((await script.Epc.SetBarAsync(new BarSettings(2, sets[^1].WindowAddress, Whole))).IsSuccess);
        }, functions: 2);
        fabric.Run(async (host, hierarchy) =>
        {
            var shown = Enumerable.Range(0, 2).Select(f => EndpointTestFabric.FunctionOf(hierarchy, f).FindBar(2)!.Range).ToArray();
            await WriteGarbageAsync(host, shown[1], random);
            for (var d = 0; d < Doorbells; d++)
                for (var f = 0; f < 2; f++) await host.Write32Async(shown[f].Base + sets[f][d].Offset, sets[f][d].Data);
            await host.DelayAsync(SimTime.FromMilliseconds(1));
        });
        Assert.Equal(2 * Doorbells, fabric.InterruptsOf().Messages!.Mapped);
        Assert.All(sets[0], doorbell => Assert.Equal(1, doorbell.Rings));
        Assert.All(sets[1], doorbell => Assert.True(doorbell.Rings >= 1));
        Assert.True(fabric.InterruptsOf().Messages!.Counters[RingOutcome.Foreign] + fabric.InterruptsOf().Store!.Counters[RingOutcome.Foreign] > 1000, "registers were tried");
        fabric.AssertNothingLeaks();
    }

    /// <summary>Every DW of the page, and then writes of any width, place and value, among them numbers that others have.</summary>
    private static async Task WriteGarbageAsync(Host host, AddressRange page, Random random)
    {
        var all = new byte[page.Size];
        random.NextBytes(all);
        await host.WriteAsync(page.Base, all);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[1 << random.Next(5)];
            var place = random.Next(4) == 0 ? random.NextInt64((long)page.Size - bytes.Length) : random.Next((int)Math.Min(page.Size - 16, 0x100)) & ~3;
            if (random.Next(3) == 0) random.NextBytes(bytes);
            else bytes[0] = (byte)random.Next(Doorbells * 2);
            // The registers of an interrupt controller are few in a large page.
            if (random.Next(3) == 0 && BitOperations.IsPow2(page.Size)) place = 0x40 + (random.Next(2) == 0 && page.Size > 0x10040 ? 0x10000 : 0);
            await host.WriteAsync(page.Base + (ulong)place, bytes);
        }
    }
}
