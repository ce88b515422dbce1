using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.HostDrivers;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>Virtual functions of a controller, each with software of its own (Linux: <c>vfunc_no</c>).</summary>
public sealed class VirtualFunctionTests
{
    private const int Command = 4, BusMasterEnable = 2;
    private const uint Nobody = ~0u;

    private static readonly SimTime Moment = SimTime.FromMilliseconds(1);

    [Fact]
    public void OnlyVf1WritesTheHeaderAndItsDeviceIdIsThatOfAll()
    {
        var answers = new ControllerResult[4];
        using var fabric = ScriptFabric.Of("cadence", async script =>
        {
            var vf = script.Epc.VirtualFunction;
            answers[vf] = await script.Epc.WriteHeaderAsync(new ControllerHeader(0x104C, (ushort)(0xB500 + vf), 0xFF0000));
        }, virtualFunctions: 3);
        fabric.Run(async (host, hierarchy) =>
        {
            var vfs = await EndpointTestFabric.EnableVirtualFunctionsAsync(host, EndpointTestFabric.FunctionOf(hierarchy), 3);
            Assert.All(vfs, vf => Assert.Equal((0x104C, 0xB501), (vf.Identity.VendorId, vf.Identity.DeviceId)));
        });
        Assert.Equal([ControllerRule.None, ControllerRule.None, ControllerRule.HeaderOfVirtualFunction, ControllerRule.HeaderOfVirtualFunction], answers.Select(answer => answer.Rule));
        Assert.Equal(Errno.EINVAL, answers[2].Errno);
    }

    [Fact]
    public void AllHaveBarsOfOneSizeAndMemoryOfTheirOwnBehindThem()
    {
        var local = new ulong[5];
        var other = default(ControllerResult);
        using var fabric = ScriptFabric.Of("cadence", async script =>
        {
            var vf = script.Epc.VirtualFunction;
            local[vf] = await ComposeAsync(script);
            if (vf == 1) Assert.True((await script.Epc.SetBarAsync(new BarSettings(1, local[1], 16384))).IsSuccess);
            if (vf != 3) return;
            other = await script.Epc.SetBarAsync(new BarSettings(2, local[vf], 2048));
            Assert.Equal(ControllerRule.VirtualBarTooSmall, other.Rule);
            await script.SleepAsync(1);
            other = await script.Epc.SetBarAsync(new BarSettings(1, local[vf], 65536));
        }, virtualFunctions: 4);
        fabric.Run(async (host, hierarchy) =>
        {
            var physical = EndpointTestFabric.FunctionOf(hierarchy);
            var vfs = await EndpointTestFabric.EnableVirtualFunctionsAsync(host, physical, 4);
            for (var vf = 0; vf < 4; vf++)
            {
                Assert.Equal(physical.VirtualFunctionBars[0].Range.Base + (ulong)vf * 65536, vfs[vf].Bars[0].Range.Base);
                await host.Write32Async(vfs[vf].Bars[0].Range.Base + 0x40, (uint)vf + 7);
            }
            Assert.Equal(10u, await host.Read32Async(vfs[3].Bars[0].Range.Base + 0x40));
            // BAR 1 is there for all, and only VF 1 has something behind it.
            Assert.Equal(0u, await host.Read32Async(vfs[0].Bars[1].Range.Base));
            Assert.Equal(Nobody, await host.Read32Async(vfs[1].Bars[1].Range.Base));
        });
        Assert.Equal(ControllerRule.VirtualBarsDiffer, other.Rule);
        for (var vf = 1; vf <= 4; vf++) Assert.Equal((uint)vf + 6, ScriptOf(fabric, vf).Local.ReadUInt32(local[vf] + 0x40));
    }

    [Fact]
    public void EachIsToldOfWhatHappensToIt()
    {
        using var fabric = ScriptFabric.Of("cadence", script => ComposeAsync(script), virtualFunctions: 2);
        fabric.Run(async (host, hierarchy) =>
        {
            var physical = EndpointTestFabric.FunctionOf(hierarchy);
            var vfs = await EndpointTestFabric.EnableVirtualFunctionsAsync(host, physical, 2);
            await host.ResetFunctionAsync(vfs[1]);
            await host.DelayAsync(Moment);
            Assert.Equal(4u, await host.Configuration[0].ReadAsync(vfs[0].Bdf, Command) & 4);
            Assert.Equal(0u, await host.Configuration[0].ReadAsync(vfs[1].Bdf, Command) & 4);
            await host.ResetFunctionAsync(physical);
            await host.DelayAsync(Moment);
            Assert.Equal(Nobody, await host.Configuration[0].ReadAsync(vfs[0].Bdf, Command));
        });
        Assert.Equal([ControllerEventKind.Started, ControllerEventKind.VirtualFunctionEnabled, ControllerEventKind.BusMasterEnabled, ControllerEventKind.VirtualFunctionDisabled], ScriptOf(fabric, 1).Events);
        Assert.Equal(
            [
                ControllerEventKind.Started, ControllerEventKind.VirtualFunctionEnabled, ControllerEventKind.BusMasterEnabled, ControllerEventKind.FunctionLevelReset,
                ControllerEventKind.VirtualFunctionDisabled,
            ],
            ScriptOf(fabric, 2).Events);
        Assert.Equal([ControllerEventKind.Started, ControllerEventKind.BusMasterEnabled, ControllerEventKind.FunctionLevelReset], fabric.ScriptOf().Events);
    }

    [Fact]
    public void InterruptsAreEachOnesOwnAndIntxIsNobodys()
    {
        var early = default(ControllerResult);
        using var fabric = ScriptFabric.Of("cadence", async script =>
        {
            await ComposeAsync(script);
            Assert.True((await script.Epc.SetMsiAsync(4)).IsSuccess);
            if (script.Epc.VirtualFunction > 0) early = await script.Epc.RaiseIrqAsync(InterruptType.Msi, 1);
        }, virtualFunctions: 2);
        var answers = new List<ControllerRule>();
        for (var vf = 1; vf <= 2; vf++)
        {
            fabric.VirtualSoftware(vf).Run(async software =>
            {
                await software.DelayAsync(SimTime.FromMilliseconds(40));
                answers.Add((await software.Controller.RaiseIrqAsync(InterruptType.Msi, 3)).Rule);
                answers.Add((await software.Controller.RaiseIrqAsync(InterruptType.Intx)).Rule);
            });
        }
        fabric.Run(async (host, hierarchy) =>
        {
            var vf = (await EndpointTestFabric.EnableVirtualFunctionsAsync(host, EndpointTestFabric.FunctionOf(hierarchy), 1))[0];
            var vectors = host.Interrupts.Allocate(4);
            var msi = vf.FindCapability(0x05)!.Value;
            await host.Configuration[0].WriteAsync(vf.Bdf, msi + 4, (uint)vectors[0].MessageAddress);
            await host.Configuration[0].WriteAsync(vf.Bdf, msi + 8, 0);
            await host.Configuration[0].WriteAsync(vf.Bdf, msi + 12, vectors[0].MessageData, 0b0011);
            await host.Configuration[0].WriteAsync(vf.Bdf, msi, 0x0021_0000, 0b1100);
            await vectors[2].WaitAsync();
            await host.DelayAsync(SimTime.FromMilliseconds(20));
        });
        Assert.Equal(ControllerRule.NotStarted, early.Rule);
        Assert.Equal([ControllerRule.None, ControllerRule.NoIntx, ControllerRule.NoIntx, ControllerRule.NotEnabled], answers.Order());
    }

    [Fact]
    public void TheKernelsDriverWorksWithEveryOneOfThem()
    {
        using var fabric = new EndpointTestFabric("cadence", functions: 2, virtualFunctions: 4);
        fabric.Run(async (host, hierarchy) =>
        {
            for (var function = 0; function < 2; function++)
            {
                foreach (var vf in await EndpointTestFabric.EnableVirtualFunctionsAsync(host, EndpointTestFabric.FunctionOf(hierarchy, function), 4))
                {
                    var driver = (await PciEndpointTest.ProbeAsync(host, 0, vf))!;
                    Assert.Equal(DriverResult.Success, await driver.SetIrqTypeAsync(InterruptType.Msi));
                    Assert.Equal(DriverResult.Success, await driver.MsiAsync(32, msiX: false));
                    Assert.Equal(DriverResult.Success, await driver.WriteAsync(4096, dma: false));
                    Assert.Equal(DriverResult.Success, await driver.ReadAsync(4096, dma: false));
                    Assert.Equal(DriverResult.Success, await driver.CopyAsync(4096, dma: false));
                    await driver.RemoveAsync();
                }
            }
        });
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void TheyComeAndGoUnderTheirDriversAndLeaveNothingBehind()
    {
        using var fabric = new EndpointTestFabric("cadence", virtualFunctions: 4);
        fabric.Run(async (host, hierarchy) =>
        {
            var physical = EndpointTestFabric.FunctionOf(hierarchy);
            var enumerator = new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = host.Hierarchies[0].Memory });
            for (var round = 0; round < 10; round++)
            {
                var vfs = await enumerator.EnableVirtualFunctionsAsync(physical, 1 + round % 4);
                var drivers = new List<PciEndpointTest>();
                foreach (var vf in vfs) drivers.Add((await PciEndpointTest.ProbeAsync(host, 0, vf))!);
                foreach (var driver in drivers) Assert.Equal(Errno.None, (await driver.SetIrqTypeAsync(InterruptType.Msi)).Errno);
                // In the middle of a copy for the first.
                var copy = drivers[0].ReadAsync(4096, dma: false).AsTask();
                await host.DelayAsync(SimTime.FromMicroseconds(round * 150));
                await enumerator.DisableVirtualFunctionsAsync(physical);
                await copy;
                foreach (var driver in drivers) await driver.RemoveAsync();
                await host.DelayAsync(SimTime.FromMilliseconds(60));
            }
        });
        fabric.AssertNothingLeaks();
    }

    private static Script ScriptOf(EndpointTestFabric fabric, int vf) => (Script)fabric.VirtualSoftware(vf).Function;

    /// <summary>BAR 0 of 64 KiB, and a header where one can be written.</summary>
    private static async Task<ulong> ComposeAsync(Script script)
    {
        if (script.Epc.VirtualFunction <= 1) return await script.ComposeAsync();
        Assert.True(script.Local.TryAllocate(65536, 65536, out var address));
        Assert.True((await script.Epc.SetBarAsync(new BarSettings(0, address, 65536))).IsSuccess);
        return address;
    }
}
