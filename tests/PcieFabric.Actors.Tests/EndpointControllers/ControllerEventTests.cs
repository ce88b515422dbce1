using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>Software hears what the host does to its function.</summary>
public sealed class ControllerEventTests
{
    private const int Command = 4, BusMasterEnable = 2;

    [Fact]
    public void BusMasterFunctionLevelResetAndPowerStatesAreTold()
    {
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.ComposeAsync());
        fabric.Run(async (host, hierarchy) =>
        {
            var function = EndpointTestFabric.FunctionOf(hierarchy);
            await host.SetAsync(function.Bdf, Command, BusMasterEnable, false);
            await host.SetAsync(function.Bdf, Command, BusMasterEnable, true);
            await host.ResetFunctionAsync(function);
            var power = function.FindCapability(1)!.Value + 4;
            await host.Configuration[0].WriteAsync(function.Bdf, power, 3, 1);
            await host.Configuration[0].WriteAsync(function.Bdf, power, 0, 1);
            await host.DelayAsync(SimTime.FromMilliseconds(1));
        });
        Assert.Equal(
            [
                ControllerEventKind.Started, ControllerEventKind.LinkUp, ControllerEventKind.BusMasterEnabled, ControllerEventKind.BusMasterDisabled, ControllerEventKind.BusMasterEnabled,
                ControllerEventKind.FunctionLevelReset, ControllerEventKind.D3Entered, ControllerEventKind.D0Entered,
            ],
            fabric.ScriptOf().Events);
    }

    [Fact]
    public void AControllerWithoutANotifierDoesNotTellOfItsLink()
    {
        using var fabric = ScriptFabric.Of("keembay", async script =>
        {
            Assert.True((await script.Epc.WriteHeaderAsync(new ControllerHeader(0x16C3, 0xEDDA, 0xFF0000))).IsSuccess);
        });
        fabric.RunAlone();
        Assert.True(fabric.Controller.Link.IsUp);
        Assert.Equal([ControllerEventKind.Started], fabric.ScriptOf().Events);
    }

    [Fact]
    public void OnlyTheFunctionThatWasResetHearsOfIt()
    {
        using var fabric = ScriptFabric.Of("qemu-epc", script => script.ComposeAsync(), functions: 3);
        fabric.Run(async (host, hierarchy) =>
        {
            var function = EndpointTestFabric.FunctionOf(hierarchy, 1);
            await host.ResetFunctionAsync(function);
            await host.DelayAsync(SimTime.FromMilliseconds(1));
        });
        Assert.Equal([0, 1, 0], Enumerable.Range(0, 3).Select(i => fabric.ScriptOf(i).Events.Count(kind => kind == ControllerEventKind.FunctionLevelReset)));
    }
}
