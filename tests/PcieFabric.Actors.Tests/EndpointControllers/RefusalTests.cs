using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.EndpointControllers;

/// <summary>What a controller cannot do it refuses, by the rule and with the error number of the kernel.</summary>
public sealed class RefusalTests
{
    private const ulong KiB = 1024, MiB = 1 << 20, GiB = 1 << 30;

    public static TheoryData<string, int, ulong, BarFlags, ControllerRule> Bars => new()
    {
        { "qemu-epc", 6, 4 * KiB, BarFlags.None, ControllerRule.NoSuchBar },
        { "rk3588", 4, MiB, BarFlags.None, ControllerRule.BarReserved },
        { "imx8m", 1, 4 * KiB, BarFlags.None, ControllerRule.BarDisabled },
        { "tegra194", 3, 128 * KiB, BarFlags.None, ControllerRule.BarIsUpperHalf },
        { "tegra194", 0, 4 * KiB, BarFlags.None, ControllerRule.BarOnly64Bit },
        { "imx95", 1, 128 * KiB, BarFlags.None, ControllerRule.BarFixedSize },
        { "rk3588", 0, 512 * KiB, BarFlags.None, ControllerRule.BarResizableSize },
        { "rk3588", 0, 1ul << 48, BarFlags.Memory64, ControllerRule.BarResizableSize },
        { "qemu-epc", 0, 3 * KiB, BarFlags.None, ControllerRule.BarSizeNoPowerOfTwo },
        { "qemu-epc", 0, 64, BarFlags.None, ControllerRule.BarSizeNoPowerOfTwo },
        { "qemu-epc", 0, 4 * GiB, BarFlags.None, ControllerRule.BarNeeds64Bit },
        { "qemu-epc", 5, 4 * KiB, BarFlags.Memory64, ControllerRule.BarTakesTwoRegisters },
        { "dw-plat", 1, 4 * KiB, BarFlags.Memory64, ControllerRule.BarTakesTwoRegisters },
        { "imx8m", 0, 4 * KiB, BarFlags.Memory64, ControllerRule.BarTakesTwoRegisters },
        { "qemu-epc", 0, 64 * MiB, BarFlags.None, ControllerRule.NotLocalMemory },
    };

    [Theory]
    [MemberData(nameof(Bars))]
    public void ABarThatTheControllerDoesNotHaveIsRefused(string controller, int bar, ulong size, BarFlags flags, ControllerRule rule)
    {
        ControllerResult result = default;
        using var fabric = ScriptFabric.Of(controller, async script => result = await script.Epc.SetBarAsync(new BarSettings(bar, 0, size, flags)));
        fabric.RunAlone();
        Assert.Equal(rule, result.Rule);
        Assert.Equal(Errno.EINVAL, result.Errno);
        Assert.Contains(controller, result.ToString(), StringComparison.Ordinal);
        Assert.Contains(rule.Text(), result.ToString(), StringComparison.Ordinal);
        // The start is refused as well: the function has no header.
        Assert.Equal(2, fabric.Controller.Activity.Refusals);
        Assert.False(fabric.Controller.IsStarted);
    }

    [Fact]
    public void EveryRuleHasATextAndARefusalHasAnErrorNumber()
    {
        var rules = Enum.GetValues<ControllerRule>();
        Assert.Equal(rules.Length, rules.Select(rule => rule.Text()).Distinct().Count());
        Assert.All(rules, rule => Assert.Equal(rule == ControllerRule.None, rule.Errno() == Errno.None));
    }

    [Fact]
    public void BarsThatShareARegisterAreRefused()
    {
        var rules = Bind("qemu-epc", async script =>
        [
            await script.Epc.SetBarAsync(new BarSettings(0, 0, 4 * KiB, BarFlags.Memory64)),
            await script.Epc.SetBarAsync(new BarSettings(1, 0, 4 * KiB)),
            await script.Epc.SetBarAsync(new BarSettings(3, 0, 4 * KiB)),
            await script.Epc.SetBarAsync(new BarSettings(2, 0, 4 * KiB, BarFlags.Memory64)),
            await script.Epc.ClearBarAsync(3),
            await script.Epc.SetBarAsync(new BarSettings(2, 0, 4 * KiB, BarFlags.Memory64)),
            await script.Epc.ClearBarAsync(4),
        ]);
        Assert.Equal(
            [ControllerRule.None, ControllerRule.BarTakesTwoRegisters, ControllerRule.None, ControllerRule.BarTakesTwoRegisters, ControllerRule.None, ControllerRule.None, ControllerRule.BarNotSet], rules);
    }

    [Fact]
    public void ABarIsMappedAnewWithTheSameSizeOnlyAndByDynamicControllersOnly()
    {
        Assert.Equal([ControllerRule.None, ControllerRule.None, ControllerRule.BarChanged, ControllerRule.LocalAddressNotAligned], Bind("dw-plat", Remap).Take(3).Append(Bind("stm32mp25", Remap)[3]));
        Assert.Equal(ControllerRule.NotDynamic, Bind("cadence", Remap)[1]);

        static async Task<ControllerResult[]> Remap(Script script) =>
        [
            await script.Epc.SetBarAsync(new BarSettings(0, 0, 128 * KiB)),
            await script.Epc.SetBarAsync(new BarSettings(0, 128 * KiB, 128 * KiB)),
            await script.Epc.SetBarAsync(new BarSettings(0, 0, 64 * KiB)),
            await script.Epc.SetBarAsync(new BarSettings(0, 4 * KiB, 128 * KiB)),
        ];
    }

    [Fact]
    public void PartsOfABarNeedAHostAddressTileTheBarAndAreAligned()
    {
        var rules = new List<ControllerRule>();
        using var fabric = ScriptFabric.Of("stm32mp25", async script =>
        {
            await script.ComposeAsync(256 * 1024);
            await Try(script, 128, 128);
        });
        fabric.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(30)));
        Assert.Equal([ControllerRule.BarHasNoAddress], rules);

        using var running = ScriptFabric.Of("stm32mp25", script => script.ComposeAsync(256 * 1024));
        running.Software().Run(async operate =>
        {
            await operate.DelayAsync(SimTime.FromMilliseconds(40));
            var script = running.ScriptOf();
            await Try(script, 128, 64);
            await Try(script, 192, 64, 64);
            await Try(script, 224, 32);
            await Try(script, 64, 64, 64, 64, 0);
            await Try(script, 64, 64, 64, 64);
        });
        running.Run(async (host, _) => await host.DelayAsync(SimTime.FromMilliseconds(30)));
        Assert.Equal(
            [ControllerRule.SubrangesDoNotTile, ControllerRule.SubrangesDoNotTile, ControllerRule.SubrangeNotAligned, ControllerRule.SubrangesDoNotTile, ControllerRule.None], rules.Skip(1));
        Assert.Equal(4, running.Controller.InboundWindowsInUse);

        async Task Try(Script script, params int[] partsKiB) =>
            rules.Add((await script.Epc.SetBarAsync(new BarSettings(0, 0, 256 * KiB, Subranges: [.. partsKiB.Select(size => new BarSubrange(0, (ulong)size * KiB))]))).Rule);
    }

    [Fact]
    public void WindowsRunOutOnBothSides()
    {
        const string controllers = "controllers: { small: { host-id: { vendor: 0x104c, device: 0xb500 }, interrupts: {}, inbound: { windows: 2 }, outbound: { windows: 2, page: 64 KiB, largest: 1 MiB }, bars: [programmable, programmable, programmable, disabled, disabled, disabled] } }";
        var outcomes = new List<ControllerResult>();
        using var fabric = ScriptFabric.Of("small", async script =>
        {
            for (var bar = 0; bar < 3; bar++) outcomes.Add(await script.Epc.SetBarAsync(new BarSettings(bar, 0, 4 * KiB)));
            outcomes.Add(await script.Epc.MapAddressAsync(0x1_0000, 10));
            var second = await script.Epc.MapAddressAsync(0x2_0000, MiB);
            outcomes.Add(second);
            outcomes.Add(await script.Epc.MapAddressAsync(0x3_0000, 10));
            outcomes.Add(await script.Epc.UnmapAddressAsync(second.Value));
            outcomes.Add(await script.Epc.UnmapAddressAsync(second.Value));
            outcomes.Add(await script.Epc.MapAddressAsync(0x1_1000, 10));
            outcomes.Add(await script.Epc.MapAddressAsync(0x1_0000, MiB + 1));
            outcomes.Add(await script.Epc.MapAddressAsync(0xFFFF_FFFF_FFFF_0000, 2 * 64 * KiB));
        }, controllers);
        fabric.RunAlone();
        Assert.Equal(
            [
                ControllerRule.None, ControllerRule.None, ControllerRule.NoInboundWindow, ControllerRule.None, ControllerRule.None, ControllerRule.NoOutboundWindow, ControllerRule.None,
                ControllerRule.NoSuchWindow, ControllerRule.AddressNotAligned, ControllerRule.WindowTooLarge, ControllerRule.WindowTooLarge,
            ],
            outcomes.Select(outcome => outcome.Rule));
        Assert.Equal(Errno.ENOSPC, outcomes[2].Errno);
        Assert.Equal(Errno.ENOSPC, outcomes[5].Errno);
        Assert.Equal((2, 1), (fabric.Controller.InboundWindowsInUse, fabric.Controller.OutboundWindowsInUse));
    }

    [Fact]
    public void InterruptsOutsideWhatThereIsAreRefused()
    {
        Assert.Equal(
            [ControllerRule.MsiCount, ControllerRule.MsiCount, ControllerRule.MsiXCount, ControllerRule.MsiXTableDoesNotFit, ControllerRule.NotStarted],
            Bind("qemu-epc", async script =>
            [
                await script.Epc.SetMsiAsync(0),
                await script.Epc.SetMsiAsync(33),
                await script.Epc.SetMsiXAsync(2049, 0, 0),
                await script.Epc.SetMsiXAsync(4, 0, 0),
                await script.Epc.RaiseIrqAsync(InterruptType.Intx),
            ]));
        Assert.Equal([ControllerRule.NoMsiX, ControllerRule.NoIntx], Bind("imx8m", async script => [await script.Epc.SetMsiXAsync(4, 0, 0), await script.Epc.RaiseIrqAsync(InterruptType.Intx)]));
    }

    [Fact]
    public void VectorsThatTheHostDidNotGiveAreRefused()
    {
        var rules = new List<ControllerRule>();
        using var fabric = ScriptFabric.Of("qemu-epc", async script =>
        {
            await script.ComposeAsync();
            await script.Epc.SetMsiAsync(4);
            await script.Epc.SetMsiXAsync(4, 0, 0);
        });
        fabric.Software().Run(async operate =>
        {
            var epc = operate.Controller;
            await operate.DelayAsync(SimTime.FromMilliseconds(35));
            rules.Add((await epc.RaiseIrqAsync(InterruptType.Msi, 1)).Rule);
            rules.Add((await epc.MapMsiIrqAsync()).Rule);
            await operate.DelayAsync(SimTime.FromMilliseconds(10));
            rules.Add((await epc.RaiseIrqAsync(InterruptType.MsiX, 1)).Rule);
            rules.Add((await epc.RaiseIrqAsync(InterruptType.MsiX, 5)).Rule);
            rules.Add((await epc.RaiseIrqAsync(InterruptType.MsiX, 0)).Rule);
            rules.Add((await epc.SetMsiAsync(8)).Rule);
            rules.Add((await epc.WriteHeaderAsync(default)).Rule);
            rules.Add((await epc.SetBarAsync(new BarSettings(1, 0, 4096))).Rule);
            await operate.DelayAsync(SimTime.FromMilliseconds(10));
            rules.Add((await epc.RaiseIrqAsync(InterruptType.MsiX, 1)).Rule);
        });
        fabric.Run(async (host, hierarchy) =>
        {
            var function = EndpointTestFabric.FunctionOf(hierarchy);
            await host.DelayAsync(SimTime.FromMilliseconds(10));
            // Enabled, every vector still masked.
            await host.SetAsync(function.Bdf, function.FindCapability(0x11)!.Value, 31, true);
            await host.DelayAsync(SimTime.FromMilliseconds(10));
            await host.SetAsync(function.Bdf, 4, 2, false);
            await host.DelayAsync(SimTime.FromMilliseconds(10));
        });
        Assert.Equal(
            [
                ControllerRule.InterruptDisabled, ControllerRule.InterruptDisabled, ControllerRule.VectorMasked, ControllerRule.NoSuchVector, ControllerRule.NoSuchVector, ControllerRule.Started,
                ControllerRule.Started, ControllerRule.BarNotSet, ControllerRule.NotBusMaster,
            ],
            rules);
    }

    private static ControllerRule[] Bind(string controller, Func<Script, Task<ControllerResult[]>> calls)
    {
        ControllerResult[] results = [];
        using var fabric = ScriptFabric.Of(controller, async script => results = await calls(script));
        fabric.RunAlone();
        return [.. results.Select(result => result.Rule)];
    }
}
