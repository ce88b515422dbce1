using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.Requests;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>Links of controllers come up and go down while the fabric runs.</summary>
public sealed class LinkStateTests
{
    private static SimTime Ms(double value) => SimTime.FromMilliseconds(value);

    [Fact]
    public void BeforeTheStartThePortSeesAnEmptySlotAndAfterItADevice()
    {
        using var fabric = ScriptFabric.Of("qemu-epc", async script =>
        {
            await script.SleepAsync(5);
            await script.ComposeAsync();
        });
        var found = new List<int>();
        fabric.Host.Run(async host =>
        {
            found.Add((await EndpointTestFabric.EnumerateAsync(host)).RootBus[0].Children.Count);
            await host.DelayAsync(Ms(30));
            found.Add((await EndpointTestFabric.EnumerateAsync(host)).RootBus[0].Children.Count);
        });
        fabric.RunToEnd();
        Assert.Equal([0, 1], found);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AStoppedControllerIsGoneAndARestartedOneIsBack()
    {
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.ComposeAsync());
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(Ms(50));
            Assert.True((await operate.Controller.StopAsync()).IsSuccess);
            Assert.Equal(ControllerRule.NotStarted, (await operate.Controller.StopAsync()).Rule);
            await operate.DelayAsync(Ms(50));
            Assert.True((await operate.Controller.StartAsync()).IsSuccess);
            Assert.Equal(ControllerRule.Started, (await operate.Controller.StartAsync()).Rule);
        });
        var ids = new List<uint>();
        fabric.Run(async (host, hierarchy) =>
        {
            var bdf = EndpointTestFabric.FunctionOf(hierarchy).Bdf;
            ids.Add(await host.Configuration[0].ReadAsync(bdf, 0));
            await host.DelayAsync(Ms(40));
            ids.Add(await host.Configuration[0].ReadAsync(bdf, 0));
            await host.DelayAsync(Ms(60));
            ids.Add(await host.Configuration[0].ReadAsync(bdf, 0));
        });
        Assert.Equal([0xB500_104Cu, uint.MaxValue, 0xB500_104Cu], ids);
        Assert.Equal(1, fabric.Controller.Link.TimesDown);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AHotResetTakesTheLinkDownAsLongAsItLastsAndResetsTheFunction()
    {
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.ComposeAsync());
        var commands = new List<uint>();
        fabric.Run(async (host, hierarchy) =>
        {
            var bdf = EndpointTestFabric.FunctionOf(hierarchy).Bdf;
            commands.Add(await host.Configuration[0].ReadAsync(bdf, 4) & 7);
            await host.SetSecondaryBusResetAsync(ScriptFabric.PortBelow, true);
            await host.DelayAsync(Ms(30));
            commands.Add(await host.Configuration[0].ReadAsync(bdf, 4));
            await host.SetSecondaryBusResetAsync(ScriptFabric.PortBelow, false);
            await host.DelayAsync(Ms(30));
            commands.Add(await host.Configuration[0].ReadAsync(bdf, 4) & 7);
        });
        Assert.Equal([6u, uint.MaxValue, 0u], commands);
        Assert.Equal(
            [ControllerEventKind.Started, ControllerEventKind.LinkUp, ControllerEventKind.BusMasterEnabled, ControllerEventKind.HotReset, ControllerEventKind.LinkDown, ControllerEventKind.LinkUp],
            fabric.ScriptOf().Events);
    }

    [Fact]
    public void ADisabledLinkIsShownInThePortsRegistersAndAnswersNothing()
    {
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.ComposeAsync());
        var shown = new List<(bool Active, bool Present, uint Read)>();
        fabric.Run(async (host, hierarchy) =>
        {
            var port = hierarchy.RootBus[0];
            var bar = EndpointTestFabric.FunctionOf(hierarchy).FindBar(0)!.Range.Base;
            foreach (var disable in new[] { false, true, false })
            {
                await host.SetLinkDisableAsync(port, disable);
                await host.DelayAsync(Ms(30));
                var active = (await host.Configuration[0].ReadAsync(port.Bdf, port.ExpressOf() + ResetRegisters.LinkControl) >> 29 & 1) != 0;
                var present = (await host.Configuration[0].ReadAsync(port.Bdf, port.ExpressOf() + 0x18) >> 22 & 1) != 0;
                shown.Add((active, present, await host.Read32Async(bar)));
            }
        });
        // After the link came back the BAR has no address any more, so nobody claims the read.
        Assert.Equal([(true, true, 0u), (false, false, uint.MaxValue), (true, true, uint.MaxValue)], shown);
        fabric.AssertNothingLeaks();
    }

    /// <summary>Requests that wait at the port are answered by it; those on the wire are lost, and their requesters wait until their time is up.</summary>
    [Fact]
    public void ReadsUnderWayWhenTheLinkGoesAllEnd()
    {
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.ComposeAsync());
        var results = new List<RequestResult>();
        fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(Ms(40));
            await operate.Controller.StopAsync();
        });
        fabric.Run(async (host, hierarchy) =>
        {
            var bar = EndpointTestFabric.FunctionOf(hierarchy).FindBar(0)!.Range;
            while (host.Now < Ms(41)) results.Add(await host.ReadAsync(bar.Base, new byte[bar.Size]));
        });
        Assert.Contains(results, result => result.IsSuccess);
        Assert.Contains(results, result => !result.IsSuccess);
        fabric.AssertNothingLeaks();
    }

    /// <summary>Credits start anew on both sides: traffic flows as before, again and again.</summary>
    [Fact]
    public void TrafficFlowsAfterManyLinkDowns()
    {
        using var fabric = new EndpointTestFabric("qemu-epc");
        var passed = 0;
        fabric.Software().Run(async operate =>
        {
            for (var i = 0; i < 5; i++)
            {
                await operate.DelayAsync(Ms(90));
                await operate.Controller.StopAsync();
                await operate.DelayAsync(Ms(10));
                await operate.Controller.StartAsync();
            }
        });
        fabric.Host.Run(async host =>
        {
            for (var i = 0; i < 6; i++)
            {
                await host.DelayAsync(Ms(30 + i * 100) - host.Now);
                var hierarchy = await EndpointTestFabric.EnumerateAsync(host);
                var driver = (await PcieFabric.HostDrivers.PciEndpointTest.ProbeAsync(host, 0, EndpointTestFabric.FunctionOf(hierarchy)))!;
                Assert.True((await driver.SetIrqTypeAsync(null)).IsSuccess);
                // The last is on its way when the link goes.
                for (var size = 1000; host.Now < Ms(85 + i * 100); size += 20000)
                    if ((await driver.ReadAsync(size, dma: false)).IsSuccess && (await driver.WriteAsync(size, dma: true)).IsSuccess) passed++;
            }
        });
        fabric.RunToEnd();
        Assert.True(passed > 20, $"{passed} transfers");
        Assert.Equal(5, fabric.Controller.Link.TimesDown);
        fabric.AssertNothingLeaks();
    }
}
