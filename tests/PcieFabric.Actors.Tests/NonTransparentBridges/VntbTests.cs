using PcieFabric.Actors.Tests.HostDrivers;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions.EpfVntbs;
using PcieFabric.HostDrivers;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.NonTransparentBridges;

/// <summary>A host and an endpoint's processor as peers: what each operation of the one side does at the other.</summary>
public sealed class VntbTests
{
    /// <summary>Numbers of <c>struct epf_ntb_ctrl</c>, written out.</summary>
    [Fact]
    public void RegistersAreWhereLinuxHasThem()
    {
        var words = new List<uint>();
        using var fabric = new VntbFabric(settings: "mw1: 64 KiB, mw2: 256 KiB, mw3: 4 KiB, mw4: 8 KiB, db-count: 10, doorbells: polled, spad-count: 20");
        fabric.Bench.Run(async (host, tree) =>
        {
            var function = EndpointTestFabric.FunctionOf(tree);
            var registers = function.FindBar(0)!.Range.Base;
            foreach (var at in new[] { 0x08, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x34, 0x34 + 9 * 4, 0x34 + 10 * 4, 0xB4, 0xB4 + 9 * 4 }) words.Add(await host.Read32Async(registers + (ulong)at));
            Assert.Equal([1024ul, 128, 64 << 10, 256 << 10, 4 << 10, 8 << 10], function.Bars.Select(bar => bar.Range.Size));
        });
        Assert.Equal([0u, 4, 0, 0x200, 20, 0, 1, 1, 0, 0, 36], words);
        Assert.Equal([0, 1, 2, 3, 4, 5], fabric.Endpoint.Bars);
    }

    [Fact]
    public void TheLinkIsUpWhileBothSidesWantItAndBothAreToldOfEachChange()
    {
        var (hostTold, endpointTold) = (0, 0);
        var seen = new List<bool>();
        using var fabric = new VntbFabric();
        fabric.Endpoint.LinkChanged = () => endpointTold++;
        fabric.OnEndpoint(async software =>
        {
            await software.DelayAsync(SimTime.FromMilliseconds(60) - software.Now);
            Assert.Equal(Errno.None, await fabric.Endpoint.EnableLinkAsync());
            await software.DelayAsync(SimTime.FromMilliseconds(80) - software.Now);
            Assert.Equal(Errno.None, await fabric.Endpoint.DisableLinkAsync());
        });
        fabric.Run(async (host, driver) =>
        {
            driver.LinkChanged = () => hostTold++;
            async Task LookAsync(double milliseconds)
            {
                await host.DelayAsync(SimTime.FromMilliseconds(milliseconds) - host.Now);
                seen.Add(await driver.IsLinkUpAsync());
                Assert.Equal(seen[^1], fabric.Endpoint.IsLinkUp);
            }
            Assert.Equal(Errno.None, await driver.EnableLinkAsync());
            await LookAsync(59);
            await LookAsync(61);
            Assert.Equal(Errno.None, await driver.DisableLinkAsync());
            await LookAsync(70);
            Assert.Equal(Errno.None, await driver.EnableLinkAsync());
            await LookAsync(79);
            await LookAsync(81);
        });
        Assert.Equal([false, true, false, true, false], seen);
        Assert.Equal((4, 4), (hostTold, endpointTold));
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void EachSideHasScratchpadsThatBothReadAndWrite()
    {
        using var fabric = new VntbFabric(settings: "mw1: 4 KiB, spad-count: 5");
        var endpoint = fabric.Endpoint;
        fabric.Run(async (host, driver) =>
        {
            Assert.Equal((5, 5), (driver.ScratchpadCount, endpoint.ScratchpadCount));
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(Errno.None, await driver.WriteScratchpadAsync(i, 100u + (uint)i));
                Assert.Equal(Errno.None, await driver.WritePeerScratchpadAsync(i, 200u + (uint)i));
            }
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal((100u + (uint)i, 200u + (uint)i), (await driver.ReadScratchpadAsync(i), await driver.ReadPeerScratchpadAsync(i)));
                Assert.Equal((200u + (uint)i, 100u + (uint)i), (await endpoint.ReadScratchpadAsync(i), await endpoint.ReadPeerScratchpadAsync(i)));
            }
            await endpoint.WriteScratchpadAsync(4, 7);
            await endpoint.WritePeerScratchpadAsync(0, 8);
            Assert.Equal((7u, 8u), (await driver.ReadPeerScratchpadAsync(4), await driver.ReadScratchpadAsync(0)));
            Assert.Equal([Errno.EINVAL, Errno.EINVAL, Errno.EINVAL, Errno.EINVAL],
                [await driver.WriteScratchpadAsync(5, 0), await driver.WritePeerScratchpadAsync(-1, 0), await endpoint.WriteScratchpadAsync(-1, 0), await endpoint.WritePeerScratchpadAsync(5, 0)]);
            Assert.Equal((0u, 0u), (await driver.ReadScratchpadAsync(5), await endpoint.ReadPeerScratchpadAsync(5)));
        });
        fabric.AssertNothingLeaks();
    }

    /// <summary>On controllers with MSI-X and without.</summary>
    [Theory]
    [InlineData("qemu-epc", 4, "its")]
    [InlineData("qemu-epc", 32, "its")]
    [InlineData("qemu-epc", 32, "ims")]
    [InlineData("qemu-epc", 32, "polled")]
    [InlineData("imx95", 16, "its")]
    [InlineData("imx8q", 16, "polled")]
    [InlineData("imx8q", 11, "polled")]
    public void EveryDoorbellRingsAtTheOtherSideAndNoOther(string controller, int slots, string kind)
    {
        using var fabric = new VntbFabric(controller, $"mw1: 64 KiB, db-count: {slots}, doorbells: {kind}");
        var endpoint = fabric.Endpoint;
        var (atHost, atEndpoint) = (new List<ulong>(), new List<ulong>());
        endpoint.OwnDoorbells.Rang = atEndpoint.Add;
        fabric.OnEndpoint(async software =>
        {
            for (var i = 0; i < slots - 2; i++)
            {
                await software.DelayAsync(SimTime.FromMilliseconds(100 + i) - software.Now);
                Assert.Equal(Errno.None, await endpoint.RingPeerAsync(1ul << i));
            }
            Assert.Equal(Errno.EINVAL, await endpoint.RingPeerAsync(1ul << (slots - 2)));
        });
        fabric.Run(async (host, driver) =>
        {
            driver.OwnDoorbells.Rang = atHost.Add;
            Assert.Equal(endpoint.OwnDoorbells.ValidMask, driver.OwnDoorbells.ValidMask);
            for (var i = 0; i < slots - 2; i++)
            {
                Assert.Equal(Errno.None, await driver.RingPeerAsync(1ul << i));
                await host.DelayAsync(SimTime.FromMilliseconds(1));
            }
            Assert.Equal(Errno.EINVAL, await driver.RingPeerAsync(1ul << (slots - 2)));
            await host.DelayAsync(SimTime.FromMilliseconds(150) - host.Now);
            Assert.Equal(0, driver.UnexpectedInterrupts);
        });
        var each = Enumerable.Range(0, slots - 2).Select(i => 1ul << i).ToList();
        Assert.Equal(each, atEndpoint);
        Assert.Equal(each, atHost);
        fabric.AssertNothingLeaks();
    }

    [Theory]
    [InlineData("qemu-epc", 1000)]
    [InlineData("qemu-epc", 65536)]
    [InlineData("imx8q", 65536)]
    public void EachSideReadsAndWritesTheMemoryThatTheOtherShows(string controller, int hostBytes)
    {
        using var fabric = new VntbFabric(controller);
        var endpoint = fabric.Endpoint;
        var data = new byte[hostBytes];
        new Random(1).NextBytes(data);
        ulong shown = 0;
        fabric.OnEndpoint(async software =>
        {
            shown = fabric.AllocateShown(0);
            Assert.Equal(Errno.None, await endpoint.SetTranslationAsync(0, shown, endpoint.Window(0).SizeBytes));
            Assert.Equal(Errno.None, await endpoint.EnableLinkAsync());
            Assert.NotEqual(0ul, await endpoint.OwnDoorbells.WaitAsync(1));
            // What the host wrote before it rang is here, and goes back the other way, with its bits inverted.
            var copy = fabric.Local.Bytes(shown, hostBytes);
            Assert.Equal(data, copy.ToArray());
            var inverted = data.Select(value => (byte)~value).ToArray();
            Assert.Equal(Errno.None, await endpoint.WritePeerAsync(0, 0, inverted));
            var back = new byte[hostBytes];
            Assert.Equal(Errno.None, await endpoint.ReadPeerAsync(0, 0, back));
            Assert.Equal(inverted, back);
            Assert.Equal(Errno.None, await endpoint.RingPeerAsync(2));
        });
        fabric.Run(async (host, driver) =>
        {
            var own = host.Memory.Allocate((ulong)hostBytes, 4096);
            Assert.Equal(Errno.None, await driver.SetTranslationAsync(0, own, (ulong)hostBytes));
            Assert.Equal(Errno.None, await driver.EnableLinkAsync());
            Assert.True(await VntbFabric.ComesUpAsync(host, driver));
            Assert.Equal(Errno.None, await driver.WritePeerAsync(0, 0, data));
            var back = new byte[Math.Min(hostBytes, 4096)];
            Assert.Equal(Errno.None, await driver.ReadPeerAsync(0, 0, back));
            Assert.Equal(data[..back.Length], back);
            Assert.Equal(Errno.None, await driver.RingPeerAsync(1));
            Assert.Equal(2ul, await driver.OwnDoorbells.WaitAsync(2));
            Assert.Equal(data.Select(value => (byte)~value).ToArray(), host.Memory.Span(own, hostBytes).ToArray());
            await driver.RemoveAsync();
        });
        Assert.Equal(0, fabric.Bench.Controller.OutboundWindowsInUse);
        fabric.AssertNothingLeaks();
    }

    [Fact]
    public void NothingBeyondWhatIsShownIsReached()
    {
        using var fabric = new VntbFabric();
        var endpoint = fabric.Endpoint;
        fabric.OnEndpoint(async software =>
        {
            Assert.Equal(Errno.None, await endpoint.EnableLinkAsync());
            Assert.True(await VntbFabric.ComesUpAsync(software, endpoint));
            var bytes = new byte[5000];
            Assert.Equal(Errno.None, await endpoint.WritePeerAsync(0, 0, bytes));
            Assert.Equal(Errno.EINVAL, await endpoint.WritePeerAsync(0, 1, bytes));
            Assert.Equal(Errno.EINVAL, await endpoint.ReadPeerAsync(0, 5000, new byte[1]));
            Assert.Equal(Errno.EINVAL, await endpoint.ReadPeerAsync(0, ulong.MaxValue, new byte[1]));
            // A window that the host has not set, and one that there is not.
            Assert.Equal(Errno.EIO, await endpoint.WritePeerAsync(1, 0, bytes));
            Assert.Equal(Errno.EINVAL, await endpoint.WritePeerAsync(2, 0, bytes));
            var size = endpoint.Window(0).SizeBytes;
            var shown = fabric.AllocateShown(0);
            Assert.Equal(Errno.EINVAL, await endpoint.SetTranslationAsync(0, shown, size / 2));
            Assert.Equal(Errno.EINVAL, await endpoint.SetTranslationAsync(0, shown + 64, size));
            Assert.Equal(Errno.EINVAL, await endpoint.SetTranslationAsync(0, fabric.Local.Range.Base + fabric.Local.Range.Size, size));
            Assert.Equal(Errno.EINVAL, await endpoint.SetTranslationAsync(2, shown, size));
        });
        fabric.Run(async (host, driver) =>
        {
            var own = host.Memory.Allocate(16384, 4096);
            host.Memory.Span(own, 16384).Fill(0xEE);
            Assert.Equal(Errno.EINVAL, await driver.SetTranslationAsync(0, own, 65537));
            Assert.Equal(Errno.EINVAL, await driver.SetTranslationAsync(0, own + 4, 64));
            Assert.Equal(Errno.EINVAL, await driver.SetTranslationAsync(2, own, 64));
            Assert.Equal(Errno.None, await driver.SetTranslationAsync(0, own, 5000));
            Assert.Equal(Errno.None, await driver.EnableLinkAsync());
            await host.DelayAsync(SimTime.FromMilliseconds(200) - host.Now);
            Assert.Equal(-1, host.Memory.Span(own, 5000).IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, host.Memory.Span(own + 5000, 16384 - 5000).IndexOfAnyExcept((byte)0xEE));
            // The endpoint shows nothing: reads fail, and what is written is lost.
            Assert.Equal(Errno.EIO, await driver.ReadPeerAsync(0, 0, new byte[64]));
            Assert.Equal(Errno.None, await driver.WritePeerAsync(0, 0, Enumerable.Repeat((byte)0x77, 4096).ToArray()));
            Assert.Equal(Errno.EIO, await driver.ReadPeerAsync(1, 0, new byte[64]));
            Assert.Equal(Errno.EINVAL, await driver.ReadPeerAsync(0, 65536 - 63, new byte[64]));
            await driver.RemoveAsync();
        });
        Assert.Equal(-1, fabric.Local.Span(fabric.Local.Range.Base, (int)fabric.Local.Range.Size).IndexOf(Enumerable.Repeat((byte)0x77, 64).ToArray()));
        fabric.AssertNothingLeaks();
    }
}
