using PcieFabric.Actors.Tests.Fabrics;
using PcieFabric.Requests;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Actors.Tests.Endpoints;

public class ResetTests
{
    [Fact]
    public void AFunctionLevelResetEndsDmaAndSparesTheOtherFunctions()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Switch("sw", Parts.Endpoint("a", Parts.Function("f0"), Parts.Function("f1")))));
        var reads = StartReads(fabric, 0);
        fabric.Run(async (host, bus) =>
        {
            await host.Write32Async(bus.Bar(0, 0), 1);
            await host.DelayAsync(SimTime.FromMicroseconds(2));
            var function = bus.Endpoints[0];
            var express = function.FindCapability(0x10)!.Value;
            await bus.Config.WriteAsync(function.Bdf, express + 8, 0x8000 | await bus.Config.ReadAsync(function.Bdf, express + 8), 0b0011);
            Assert.Equal(0u, await bus.Config.ReadAsync(function.Bdf, 4) & 0xFFFF);
            Assert.Equal(~0u, await host.Read32Async(bus.Bar(0, 2)));
            Assert.Equal(0xA500_0000u, await host.Read32Async(bus.Bar(1, 0)));
            await host.DelayAsync(SimTime.FromMicroseconds(5));
            Assert.Equal((1, 0), (fabric.Probes[0].Resets, fabric.Probes[1].Resets));
        });
        Assert.True(reads.Single().TimedOut);
    }

    /// <summary>Root port, a downstream port of the outer switch, one of the inner switch.</summary>
    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    public void ASecondaryBusResetResetsAllThatIsBelowAndNothingElse(int bridge, int endpointsBelow)
    {
        using var fabric = new TestFabric(Parts.Host(
            Parts.Switch("outer", Parts.Switch("inner", Parts.Endpoint("a"), Parts.Endpoint("b"))),
            Parts.Endpoint("c")));
        var reads = Enumerable.Range(0, 3).Select(i => StartReads(fabric, i)).ToArray();
        fabric.Run(async (host, bus) =>
        {
            for (var i = 0; i < 3; i++) await host.Write32Async(bus.Bar(i, 0), 1);
            await host.DelayAsync(SimTime.FromMicroseconds(2));
            var port = bus.Bridges[bridge].Bdf;
            await bus.Config.WriteAsync(port, 0x3C, 0x0042_0000, 0b1100);
            await host.DelayAsync(SimTime.FromMicroseconds(100));
            await bus.Config.WriteAsync(port, 0x3C, 0x0002_0000, 0b1100);
            await host.DelayAsync(SimTime.FromMicroseconds(100));
            Assert.Equal(endpointsBelow, fabric.Probes.Sum(p => p.Resets));
            Assert.Equal(0xA500_0000u, await host.Read32Async(bus.Bar(2, 0)));
            if (bridge < 4) Assert.Equal(~0u, await bus.Config.ReadAsync(bus.Endpoints[0].Bdf, 0));

            // Found again, it works as before.
            var again = await Bus.EnumerateAsync(host);
            Assert.Equal(bus.Endpoints.Select(e => e.Bdf), again.Endpoints.Select(e => e.Bdf));
            for (var i = 0; i < 3; i++) Assert.Equal(0xA500_0004u, await host.Read32Async(again.Bar(i, 0) + 4));
        });
        Assert.All(reads, (r, i) => Assert.Equal(i < endpointsBelow, r.Single().TimedOut));
    }

    [Fact]
    public void AFunctionThatMovedToAnotherBusGoesOnUnderItsNewName()
    {
        using var fabric = new TestFabric(Parts.Host(Parts.Endpoint("a")));
        var reads = StartReads(fabric, 0);
        fabric.Run(async (host, bus) =>
        {
            await bus.Config.WriteAsync(bus.Bridges[0].Bdf, 0x18, 0x0009_0900);
            await bus.Config.WriteAsync(new(9, 0, 0), 0x3C, 0x0B, 0b0001);
            await host.Write32Async(bus.Bar(0, 0), 1);
            await host.DelayAsync(SimTime.FromMicroseconds(500));
        });
        Assert.True(reads.Single().IsSuccess);
        Assert.All(fabric.Tap.All.Where(s => s.From == "host0/rp0/a" && s.Tlp.IsMemoryRead), s => Assert.Equal(9, s.Tlp.Requester.Bus));
    }

    /// <summary>At its doorbell the function reads 256 KiB of host memory; how that ended comes into the list.</summary>
    private static List<RequestResult> StartReads(TestFabric fabric, int number)
    {
        var (probe, ended) = (fabric.Probes[number], new List<RequestResult>());
        probe.Doorbell = async (_, _) => ended.Add(await probe.Read(0x10000, new byte[256 * 1024]));
        return ended;
    }
}
