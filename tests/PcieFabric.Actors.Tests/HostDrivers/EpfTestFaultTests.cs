using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.EndpointFunctions.EpfTests;
using PcieFabric.HostDrivers;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.HostDrivers;

/// <summary>Whatever the host and the link do to a test function: nothing hangs that need not, nothing leaks, and afterwards it works.</summary>
public sealed class EpfTestFaultTests(ITestOutputHelper output)
{
    public enum Fault
    {
        FunctionLevelReset,
        HotReset,
        LinkDisabled,
        SurpriseDown,
        BusMasterDisabled,
        Unbind,
    }

    public static TheoryData<Fault, string> Faults
    {
        get
        {
            var data = new TheoryData<Fault, string>();
            foreach (var fault in Enum.GetValues<Fault>())
                foreach (var controller in new[] { "qemu-epc", "rk3588", "imx8m" })
                    data.Add(fault, controller);
            return data;
        }
    }

    /// <summary>On a slow link, so that a transfer takes some milliseconds; ten times, each at a random moment of a transfer by processor or DMA.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void AFaultInTheMiddleOfATransferLeavesNothingBehind(Fault fault, string controller)
    {
        var random = new Random(TestSeed.Of(output, 1000 + (int)fault));
        using var fabric = new EndpointTestFabric(controller, link: "generation: 1, width: 1");
        var rounds = fault == Fault.Unbind ? 1 : 10;
        var (recovered, interrupted) = (0, 0);
        if (fault == Fault.SurpriseDown) fabric.Software().Run(async operate =>
        {
            for (var i = 0; i < rounds; i++)
            {
                await operate.DelayAsync(SimTime.FromMilliseconds(200 * i + 42 + random.NextDouble() * 4) - operate.Now);
                if (IsMoving(fabric)) interrupted++;
                await operate.Controller.StopAsync();
                await operate.DelayAsync(SimTime.FromMilliseconds(1));
                await operate.Controller.StartAsync();
            }
        });
        if (fault == Fault.Unbind) fabric.Software().Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(43));
            Assert.True(IsMoving(fabric));
            await operate.UnbindAsync();
        });
        fabric.Host.Run(async host =>
        {
            for (var i = 0; i < rounds; i++)
            {
                await host.DelayAsync(SimTime.FromMilliseconds(200 * i + 40) - host.Now);
                var hierarchy = await EndpointTestFabric.EnumerateAsync(host);
                var function = EndpointTestFabric.FunctionOf(hierarchy);
                await BeginTransferAsync(host, function, fabric, random);
                await host.DelayAsync(SimTime.FromMilliseconds(200 * i + 42 + random.NextDouble() * 4) - host.Now);
                if (fault != Fault.SurpriseDown && IsMoving(fabric)) interrupted++;
                await InflictAsync(host, fault, hierarchy.RootBus[0], function);
                await host.DelayAsync(SimTime.FromMilliseconds(200 * i + 130) - host.Now);
                if (fault == Fault.Unbind) continue;
                hierarchy = await EndpointTestFabric.EnumerateAsync(host);
                var driver = await PciEndpointTest.ProbeAsync(host, 0, EndpointTestFabric.FunctionOf(hierarchy));
                Assert.True((await driver!.SetIrqTypeAsync(null)).IsSuccess);
                if ((await driver.WriteAsync(5000, dma: false)).IsSuccess && (await driver.ReadAsync(5000, dma: false)).IsSuccess) recovered++;
                await driver.RemoveAsync();
            }
        });
        fabric.RunToEnd();
        fabric.AssertNothingLeaks();
        if (fault == Fault.Unbind)
        {
            Assert.Equal(0ul, fabric.Software().Memory.AllocatedBytes);
            Assert.Equal(0, fabric.Controller.InboundWindowsInUse);
            Assert.Equal(-1, fabric.Test().RegisterBar);
            return;
        }
        Assert.Equal(rounds, recovered);
        Assert.True(interrupted >= rounds / 2, $"{interrupted} of {rounds} transfers were under way");
        Assert.True(fabric.Test().Commands >= 3 * rounds, $"{fabric.Test().Commands} commands");
    }

    /// <summary>Registers are memory that anyone may write: no value may stop the function.</summary>
    [Theory]
    [InlineData("qemu-epc")]
    [InlineData("rk3588")]
    [InlineData("cadence")]
    [InlineData("am654")]
    public void GarbageInEveryRegisterIsSurvived(string controller)
    {
        var random = new Random(TestSeed.Of(output, 4711));
        DriverResult last = default;
        using var fabric = new EndpointTestFabric(controller);
        fabric.Run(async (host, hierarchy) =>
        {
            var function = EndpointTestFabric.FunctionOf(hierarchy);
            var driver = (await PciEndpointTest.ProbeAsync(host, 0, function))!;
            await driver.SetIrqTypeAsync(null);
            var registers = function.FindBar(fabric.Test().RegisterBar)!.Range.Base;
            for (var i = 0; i < 1500; i++)
            {
                var register = 4 * random.Next(EpfTestRegisters.Bytes / 4);
                await host.Write32Async(registers + (ulong)register, Garbage(random, register));
                // A command now and then, so that the others are used.
                if (random.Next(4) == 0) await host.Write32Async(registers + EpfTestRegisters.Command, 1u << random.Next(12));
                await host.DelayAsync(SimTime.FromMicroseconds(random.Next(2000)));
            }
            // Whatever it is at, a second is enough to be done with it.
            await host.DelayAsync(SimTime.FromSeconds(1));
            last = await driver.WriteAsync(3000, dma: false);
        });
        output.WriteLine($"{fabric.Test().Commands} commands, {fabric.Test().InvalidCommands} of them invalid, {fabric.Test().Refusals.Count} refusals");
        Assert.Equal(DriverResult.Success, last);
        Assert.True(fabric.Test().Commands > 300);
        Assert.True(fabric.Test().Commands - fabric.Test().InvalidCommands > 20);
        fabric.AssertNothingLeaks();
        var bars = fabric.Test().Bars.Sum(bar => (long)fabric.Controller.Functions[0]!.Layout.Header.Bars.First(b => b.Definition.Index == bar).Definition.Size);
        Assert.Equal((ulong)bars, fabric.Software().Memory.AllocatedBytes);
    }

    [Fact]
    public void ACopyThatNeedsMoreWindowsThanThereAreSaysSo()
    {
        var results = new List<DriverResult>();
        const string controllers = "controllers: { one: { host-id: { vendor: 0x104c, device: 0xb500 }, interrupts: {}, inbound: { windows: 8 }, outbound: { windows: 1, page: 64 KiB, largest: 256 KiB, aligns-addresses: true }, bars: [programmable, disabled, disabled, disabled, disabled, disabled] } }";
        using var fabric = new EndpointTestFabric("one", extra: controllers);
        uint status = 0;
        fabric.Run(async (host, hierarchy) =>
        {
            var function = EndpointTestFabric.FunctionOf(hierarchy);
            var driver = (await PciEndpointTest.ProbeAsync(host, 0, function))!;
            await driver.SetIrqTypeAsync(null);
            results.Add(await driver.WriteAsync(1_000_000, dma: false));
            results.Add(await driver.ReadAsync(1_000_000, dma: false));
            results.Add(await driver.CopyAsync(1000, dma: false));
            status = await host.Read32Async(function.FindBar(0)!.Range.Base + EpfTestRegisters.Status);
        });
        Assert.Equal([DriverResult.Success, DriverResult.Success, Errno.EIO], results);
        Assert.Equal(EpfTestStatus.TargetInvalid | EpfTestStatus.CopyFail | EpfTestStatus.IrqRaised, (EpfTestStatus)status);
        Assert.Equal(ControllerRule.NoOutboundWindow, Assert.Single(fabric.Test().Refusals).Rule);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AReadOfAnAddressWhereNothingIsFailsByItsChecksum()
    {
        EpfTestStatus status = default;
        using var fabric = new EndpointTestFabric("qemu-epc");
        fabric.Run(async (host, hierarchy) =>
        {
            var registers = EndpointTestFabric.FunctionOf(hierarchy).FindBar(0)!.Range.Base;
            await host.Write32Async(registers + EpfTestRegisters.SourceHigh, 0x7000);
            await host.Write32Async(registers + EpfTestRegisters.Size, 4096);
            await host.Write32Async(registers + EpfTestRegisters.Command, (uint)EpfTestCommand.Read);
            await host.DelayAsync(SimTime.FromMilliseconds(20));
            status = (EpfTestStatus)await host.Read32Async(registers + EpfTestRegisters.Status);
        });
        Assert.Equal(EpfTestStatus.ReadFail | EpfTestStatus.IrqRaised, status);
        fabric.AssertNothingLeaks();
    }

    private static bool IsMoving(EndpointTestFabric fabric) => fabric.Controller.OutboundWindowsInUse > 0;

    private static uint Garbage(Random random, int register) => random.Next(3) switch
    {
        // Few types and sizes make a command one that is tried.
        _ when register is EpfTestRegisters.IrqType => (uint)random.Next(4),
        _ when register is EpfTestRegisters.Size && random.Next(2) == 0 => (uint)random.Next(100_000),
        0 => (uint)random.NextInt64(1L << 32),
        1 => (uint)random.Next(40),
        _ => register is EpfTestRegisters.Flags or EpfTestRegisters.SourceHigh or EpfTestRegisters.TargetHigh ? 0 : 1u << random.Next(32),
    };

    private static async Task BeginTransferAsync(Host host, EnumeratedFunction function, EndpointTestFabric fabric, Random random)
    {
        var registers = function.FindBar(fabric.Test().RegisterBar)!.Range.Base;
        await host.Write32Async(registers + EpfTestRegisters.SourceLow, 0x210_0000);
        await host.Write32Async(registers + EpfTestRegisters.TargetLow, 0x220_0000);
        await host.Write32Async(registers + EpfTestRegisters.Size, 1 << 20);
        var dma = fabric.Controller.Profile.Dma.Kind != DmaKind.None && random.Next(2) == 0;
        // An embedded engine does not copy from host to host: that would be over at once.
        var commands = dma && fabric.Controller.Profile.Dma.Kind == DmaKind.Embedded ? 2 : 3;
        await host.Write32Async(registers + EpfTestRegisters.Flags, dma ? EpfTestRegisters.UseDma : 0);
        await host.Write32Async(registers + EpfTestRegisters.Command, (uint)(random.Next(commands) switch { 0 => EpfTestCommand.Read, 1 => EpfTestCommand.Write, _ => EpfTestCommand.Copy }));
    }

    private static async Task InflictAsync(Host host, Fault fault, EnumeratedFunction port, EnumeratedFunction function)
    {
        switch (fault)
        {
            case Fault.FunctionLevelReset:
                await host.ResetFunctionAsync(function);
                break;
            case Fault.HotReset:
                await host.HotResetAsync(port);
                break;
            case Fault.LinkDisabled:
                await host.DisableLinkForAWhileAsync(port);
                break;
            case Fault.BusMasterDisabled:
                await host.SetAsync(function.Bdf, 4, 2, false);
                break;
        }
    }
}
