using PcieFabric.Actors.Tests.EndpointControllers;
using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.EndpointFunctions.EpfVntbs;
using PcieFabric.HostDrivers;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.NonTransparentBridges;

/// <summary>Whatever happens to the one side or to what is between: the other gets a named answer, no window is lost, and afterwards the bridge works.</summary>
public sealed class VntbFaultTests(ITestOutputHelper output)
{
    private const int WindowBytes = 512 << 10;
    private const int Rounds = 4;

    public enum Fault
    {
        HostDisablesLink,
        EndpointDisablesLink,
        HostClearsTranslation,
        FunctionLevelReset,
        HotReset,
        PortDisabled,
        SurpriseDown,
        Unbind,
        DriverRemoved,
    }

    public static TheoryData<Fault, string> Faults
    {
        get
        {
            var data = new TheoryData<Fault, string>();
            foreach (var fault in Enum.GetValues<Fault>())
                foreach (var controller in new[] { "qemu-epc", "imx8q" })
                    data.Add(fault, controller);
            return data;
        }
    }

    /// <summary>Both sides write a whole window through a slow link, which takes some milliseconds; each round is disturbed at a random moment of that.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void AFaultInTheMiddleOfATransferEndsItByNameAndLeavesNothingBehind(Fault fault, string controller)
    {
        var random = new Random(TestSeed.Of(output, 500 + (int)fault));
        var moments = Enumerable.Range(0, Rounds).Select(i => SimTime.FromMilliseconds(300 * i + 101.1 + random.NextDouble() * 0.7)).ToArray();
        using var fabric = new VntbFabric(controller, "mw1: 512 KiB", poll: "200 us", link: "generation: 1, width: 1");
        var endpoint = fabric.Endpoint;
        var (interrupted, ended, recovered) = (0, new List<Errno>(), 0);
        fabric.OnEndpoint(async software =>
        {
            var shown = fabric.AllocateShown(0);
            for (var i = 0; i < Rounds; i++)
            {
                if (!endpoint.IsBound) await software.BindAsync();
                Assert.Equal(Errno.None, await endpoint.SetTranslationAsync(0, shown, WindowBytes));
                Assert.Equal(Errno.None, await endpoint.EnableLinkAsync());
                await software.DelayAsync(SimTime.FromMilliseconds(300 * i + 101) - software.Now);
                ended.Add(await endpoint.WritePeerAsync(0, 0, new byte[WindowBytes]));
                // By then the fault is over and the host has set up everything again.
                await software.DelayAsync(SimTime.FromMilliseconds(300 * i + 270) - software.Now);
                Assert.True(endpoint.IsLinkUp, $"round {i}: the link is down");
                Assert.Equal(Errno.None, await endpoint.WritePeerAsync(0, 64, Pattern(i)));
            }
        });
        fabric.OnEndpoint(async software =>
        {
            foreach (var moment in moments)
            {
                await software.DelayAsync(moment - software.Now);
                await InflictAsync(software, endpoint, fault);
            }
        });
        fabric.Bench.Host.Run(async host =>
        {
            var own = host.Memory.Allocate(WindowBytes, 4096);
            for (var i = 0; i < Rounds; i++)
            {
                await host.DelayAsync(SimTime.FromMilliseconds(300 * i + 60) - host.Now);
                var (port, function, driver) = await SetUpAsync(host, own);
                await host.DelayAsync(SimTime.FromMilliseconds(300 * i + 101) - host.Now);
                var sending = driver.WritePeerAsync(0, 0, new byte[WindowBytes]);
                await host.DelayAsync(moments[i] - host.Now);
                if (!sending.IsCompleted) interrupted++;
                await InflictAsync(host, driver, port, function, fault);
                await sending;
                await host.DelayAsync(SimTime.FromMilliseconds(300 * i + 200) - host.Now);
                if (fault is Fault.HostDisablesLink or Fault.EndpointDisablesLink or Fault.HostClearsTranslation) await driver.RemoveAsync();
                // What the endpoint had of this host's memory is given back before anybody asks for more.
                Assert.Equal(0, fabric.Bench.Controller.OutboundWindowsInUse);
                (_, _, driver) = await SetUpAsync(host, own);
                await host.DelayAsync(SimTime.FromMilliseconds(300 * i + 280) - host.Now);
                if (host.Memory.Span(own + 64, 64).SequenceEqual(Pattern(i))) recovered++;
                await driver.RemoveAsync();
            }
        });
        fabric.Bench.RunToEnd();
        output.WriteLine($"{interrupted} of {Rounds} under way; the endpoint's transfers ended with {string.Join(' ', ended)}");
        fabric.AssertNothingLeaks();
        Assert.Equal(Rounds, recovered);
        Assert.True(interrupted >= Rounds / 2, $"{interrupted} of {Rounds} transfers were under way");
        Assert.All(ended, errno => Assert.Contains(errno, new[] { Errno.ENOLINK, Errno.EIO, Errno.ENODEV }));
    }

    /// <summary>Registers are memory that the host may write: no value may stop the endpoint, and a reset brings them back.</summary>
    [Theory]
    [InlineData("qemu-epc", "its")]
    [InlineData("qemu-epc", "ims")]
    [InlineData("imx8q", "polled")]
    public void GarbageInEveryRegisterIsSurvived(string controller, string kind)
    {
        var random = new Random(TestSeed.Of(output, 4711));
        using var fabric = new VntbFabric(controller, $"mw1: 64 KiB, doorbells: {kind}");
        var endpoint = fabric.Endpoint;
        var works = false;
        fabric.OnEndpoint(async _ =>
        {
            Assert.Equal(Errno.None, await endpoint.SetTranslationAsync(0, fabric.AllocateShown(0), 65536));
            Assert.Equal(Errno.None, await endpoint.EnableLinkAsync());
        });
        fabric.Bench.Run(async (host, tree) =>
        {
            var function = EndpointTestFabric.FunctionOf(tree);
            var (config, doorbells) = (function.Bars[0].Range, function.Bars[1].Range);
            for (var i = 0; i < 3000; i++)
            {
                var register = 4 * random.Next(VntbRegisters.Bytes / 4);
                await host.Write32Async(config.Base + (ulong)register, Garbage(random, register));
                await host.Write32Async(doorbells.Base + 4 * (ulong)random.Next((int)Math.Min(doorbells.Size, 65536) / 4), random.NextDword());
                // A command now and then, so that the others are used.
                if (random.Next(3) == 0) await host.Write32Async(config.Base + VntbRegisters.Command, (uint)random.Next(9));
                await host.DelayAsync(SimTime.FromMicroseconds(random.Next(100)));
            }
            await host.ResetFunctionAsync(function);
            await host.DelayAsync(SimTime.FromMilliseconds(100));
            Assert.Equal(0, fabric.Bench.Controller.OutboundWindowsInUse);
            var own = host.Memory.Allocate(65536, 4096);
            var (_, _, driver) = await SetUpAsync(host, own);
            Assert.True(await VntbFabric.ComesUpAsync(host, driver));
            await driver.WritePeerAsync(0, 0, new byte[] { 1, 2, 3, 4 });
            var back = new byte[4];
            works = await driver.ReadPeerAsync(0, 0, back) == Errno.None && back is [1, 2, 3, 4];
            await driver.RemoveAsync();
        });
        output.WriteLine($"{endpoint.Commands} commands, {endpoint.FailedCommands} of them failed, {endpoint.Refusals.Count} refusals, {endpoint.OwnDoorbells.Rings} rings");
        Assert.True(works);
        Assert.True(endpoint.Commands > 500);
        Assert.InRange(endpoint.FailedCommands, 1, endpoint.Commands - 100);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void OnceATranslationIsClearedNothingMoreArrivesInWhatItShowed()
    {
        using var fabric = new VntbFabric(settings: "mw1: 512 KiB", link: "generation: 1, width: 1");
        var endpoint = fabric.Endpoint;
        var result = Errno.None;
        fabric.OnEndpoint(async software =>
        {
            await endpoint.EnableLinkAsync();
            Assert.True(await VntbFabric.ComesUpAsync(software, endpoint));
            result = await endpoint.WritePeerAsync(0, 0, Enumerable.Repeat((byte)0x5A, WindowBytes).ToArray());
        });
        var written = 0;
        fabric.Run(async (host, driver) =>
        {
            var own = host.Memory.Allocate(WindowBytes, 4096);
            await driver.SetTranslationAsync(0, own, WindowBytes);
            await driver.EnableLinkAsync();
            await host.DelayAsync(SimTime.FromMicroseconds(300));
            Assert.Equal(Errno.None, await driver.ClearTranslationAsync(0));
            written = host.Memory.Span(own, WindowBytes).IndexOfAnyExcept((byte)0x5A);
            host.Memory.Span(own, WindowBytes).Clear();
            // Another takes the place of the first.
            var other = host.Memory.Allocate(WindowBytes, 4096);
            Assert.Equal(Errno.None, await driver.SetTranslationAsync(0, other, WindowBytes));
            await host.DelayAsync(SimTime.FromMilliseconds(20));
            Assert.Equal(-1, host.Memory.Span(own, WindowBytes).IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, host.Memory.Span(other, WindowBytes).IndexOfAnyExcept((byte)0));
            await driver.RemoveAsync();
        });
        Assert.Equal(Errno.EIO, result);
        Assert.InRange(written, 1, WindowBytes - 1);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void AnEndpointThatIsUnboundTellsTheHostAndAnswersNoMore()
    {
        using var fabric = new VntbFabric();
        var endpoint = fabric.Endpoint;
        var (told, waited) = (new List<bool>(), 99ul);
        fabric.OnEndpoint(async software =>
        {
            await endpoint.EnableLinkAsync();
            await software.DelayAsync(SimTime.FromMilliseconds(100) - software.Now);
            await software.UnbindAsync();
            Assert.Equal(Errno.ENODEV, await endpoint.EnableLinkAsync());
            Assert.Equal(Errno.ENODEV, await endpoint.RingPeerAsync(1));
            Assert.Equal(Errno.ENODEV, await endpoint.WritePeerAsync(0, 0, new byte[4]));
            Assert.Equal(Errno.ENODEV, await endpoint.SetTranslationAsync(0, 0, 65536));
        });
        fabric.OnEndpoint(async _ => waited = await endpoint.OwnDoorbells.WaitAsync(1));
        var results = new List<Errno>();
        fabric.Run(async (host, driver) =>
        {
            driver.LinkChanged = () => told.Add(endpoint.IsLinkUp);
            await driver.SetTranslationAsync(0, host.Memory.Allocate(65536, 4096), 65536);
            await driver.EnableLinkAsync();
            await host.DelayAsync(SimTime.FromMilliseconds(150) - host.Now);
            results.Add(await driver.EnableLinkAsync());
            results.Add(await driver.ReadPeerAsync(0, 0, new byte[4]));
            Assert.False(await driver.IsLinkUpAsync());
            await driver.RemoveAsync();
        });
        Assert.Equal([Errno.ENODEV, Errno.EIO], results);
        Assert.Equal([true, false], told);
        Assert.Equal(0ul, waited);
        Assert.Equal(0, fabric.Bench.Controller.InboundWindowsInUse);
        Assert.Equal(0ul, fabric.Local.AllocatedBytes);
        fabric.AssertNothingLeaks();
    }

    private static byte[] Pattern(int round) => [.. Enumerable.Range(0, 64).Select(i => (byte)(round * 64 + i + 1))];

    private static uint Garbage(Random random, int register) => random.Next(3) switch
    {
        // Few addresses and sizes make a window one that is opened.
        _ when register is VntbRegisters.AddressHigh or VntbRegisters.SizeHigh && random.Next(2) == 0 => 0,
        _ when register is VntbRegisters.SizeLow or VntbRegisters.Argument => (uint)random.Next(70_000) >> random.Next(17),
        0 => random.NextDword(),
        1 => (uint)random.Next(40),
        _ => 1u << random.Next(32),
    };

    private static async Task<(EnumeratedFunction Port, EnumeratedFunction Function, NtbEpfDriver Driver)> SetUpAsync(Host host, ulong own)
    {
        var hierarchy = await EndpointTestFabric.EnumerateAsync(host);
        var function = EndpointTestFabric.FunctionOf(hierarchy);
        var driver = await NtbEpfDriver.ProbeAsync(host, 0, function);
        Assert.NotNull(driver);
        Assert.Equal(Errno.None, await driver.SetTranslationAsync(0, own, driver.Window(0).SizeBytes));
        Assert.Equal(Errno.None, await driver.EnableLinkAsync());
        return (hierarchy.RootBus[0], function, driver);
    }

    private static async Task InflictAsync(BoundSoftware software, EpfVntb endpoint, Fault fault)
    {
        switch (fault)
        {
            case Fault.EndpointDisablesLink:
                Assert.Equal(Errno.None, await endpoint.DisableLinkAsync());
                await software.DelayAsync(SimTime.FromMilliseconds(20));
                Assert.Equal(Errno.None, await endpoint.EnableLinkAsync());
                break;
            case Fault.SurpriseDown:
                await software.Controller.StopAsync();
                await software.DelayAsync(SimTime.FromMilliseconds(1));
                await software.Controller.StartAsync();
                break;
            case Fault.Unbind:
                await software.UnbindAsync();
                await software.DelayAsync(SimTime.FromMilliseconds(20));
                await software.BindAsync();
                await endpoint.EnableLinkAsync();
                break;
        }
    }

    private static async Task InflictAsync(Host host, NtbEpfDriver driver, EnumeratedFunction port, EnumeratedFunction function, Fault fault)
    {
        switch (fault)
        {
            case Fault.HostDisablesLink:
                Assert.Equal(Errno.None, await driver.DisableLinkAsync());
                break;
            case Fault.HostClearsTranslation:
                Assert.Equal(Errno.None, await driver.ClearTranslationAsync(0));
                break;
            case Fault.DriverRemoved:
                await driver.RemoveAsync();
                break;
            case Fault.FunctionLevelReset:
                await host.ResetFunctionAsync(function);
                break;
            case Fault.HotReset:
                await host.HotResetAsync(port);
                break;
            case Fault.PortDisabled:
                await host.DisableLinkForAWhileAsync(port);
                break;
        }
    }
}
