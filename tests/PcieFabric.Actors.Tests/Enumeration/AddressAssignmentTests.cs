using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;
using PcieFabric.RootComplexes.Enumeration;
using static PcieFabric.Actors.Tests.Enumeration.Model;

namespace PcieFabric.Actors.Tests.Enumeration;

public class AddressAssignmentTests
{
    [Fact]
    public async Task EveryKindOfBarGoesToItsWindow()
    {
        var (_, result) = await Enumerate(Options, RootPort(1, Endpoint(
            BarDefinition.Memory64(0, 64 * KiB), BarDefinition.Memory64(2, 4 * GiB, true), BarDefinition.Memory32(4, 16 * KiB, true), BarDefinition.Io(5, 64))));
        var function = result.Find(new Bdf(1, 0, 0))!;
        Assert.Equal(new AddressRange(0x8000_0000, 64 * KiB), function.FindBar(0)!.Range);
        Assert.Equal(new AddressRange(0x40_0000_0000, 4 * GiB), function.FindBar(2)!.Range);
        Assert.Equal(new AddressRange(0x8001_0000, 16 * KiB), function.FindBar(4)!.Range);
        Assert.Equal(new AddressRange(0x1000, 64), function.FindBar(5)!.Range);
        Assert.Null(function.FindBar(1));
        var bridge = result.RootBus[0].Bridge!;
        Assert.Equal(new AddressRange(0x8000_0000, MiB), bridge.Memory);
        Assert.Equal(new AddressRange(0x40_0000_0000, 4 * GiB), bridge.PrefetchableMemory);
        Assert.Equal(new AddressRange(0x1000, 4 * KiB), bridge.Io);
    }

    [Fact]
    public async Task APrefetchableWindowMayCrossAMultipleOf4GiB()
    {
        var port = RootPort(1, Endpoint(BarDefinition.Memory64(0, 8 * GiB, true), BarDefinition.Memory64(2, MiB, true)));
        await Enumerate(Options, port);
        Assert.Equal(new AddressRange(0x40_0000_0000, 8 * GiB + MiB), port.Bridge!.PrefetchableRange(port.Space));
    }

    [Theory]
    [InlineData(WindowKind.None)]
    [InlineData(WindowKind.Narrow)]
    public async Task APrefetchableBarStaysBelow4GiBUnlessEveryBridgeReachesHigher(WindowKind window)
    {
        var port = Bridge(PortType.DownstreamSwitchPort, 0, [Endpoint(BarDefinition.Memory64(0, 2 * MiB, true))], prefetchable: window);
        var (_, result) = await Enumerate(Options, RootPort(1, Switch(port)));
        Assert.Equal(new AddressRange(0x8000_0000, 2 * MiB), result.Find(new Bdf(3, 0, 0))!.Bars[0].Range);
        Assert.All(result.Functions.Where(f => f.IsBridge), f => Assert.True(f.Bridge!.PrefetchableMemory.IsEmpty));
    }

    [Fact]
    public async Task WithoutAPrefetchableWindowOfTheHostEverythingIsBelow4GiB()
    {
        var (_, result) = await Enumerate(Options with { PrefetchableMemory = AddressRange.Empty }, RootPort(1, Endpoint(BarDefinition.Memory64(0, MiB, true))));
        Assert.Equal(0x8000_0000ul, result.Find(new Bdf(1, 0, 0))!.Bars[0].Range.Base);
    }

    [Fact]
    public async Task OnTheRootBusEvery64BitBarMayGoHigh()
    {
        var layout = new EndpointFunctionLayout(Identity(1), [BarDefinition.Memory64(0, 64 * GiB)], type: PortType.RootComplexIntegratedEndpoint);
        var (_, result) = await Enumerate(Options, new ModelFunction(layout, 3 << 3));
        Assert.Equal(new AddressRange(0x40_0000_0000, 64 * GiB), result.RootBus[0].Bars[0].Range);
    }

    [Fact]
    public async Task WindowsWithNothingInsideAreClosedWhateverTheyWereBefore()
    {
        var port = RootPort(1);
        port.Space.Write(new(0x1C), MaskedDword.Word(0, 0x2010));
        port.Space.Write(new(0x20), 0x9010_9000);
        port.Space.Write(new(0x24), 0x9020_9010);
        port.Space.Write(new(0x28), 4);
        port.Space.Write(new(0x2C), 4);
        var bridge = port.Bridge!;
        Assert.All(new[] { bridge.Io, bridge.Memory, bridge.Prefetchable }, w => Assert.False(w.Range(port.Space).IsEmpty));
        await Enumerate(Options, port);
        Assert.All(new[] { bridge.Io, bridge.Memory, bridge.Prefetchable }, w => Assert.True(w.Range(port.Space).IsEmpty));
        Assert.False(port.Decodes);
    }

    [Fact]
    public async Task SmallBarsFillTheHolesThatLargeWindowsLeave()
    {
        // 5 MiB windows at multiples of 4 MiB leave holes of 3 MiB; 13 MiB hold them and what fits into the hole between.
        var odd = new[] { BarDefinition.Memory32(0, 4 * MiB), BarDefinition.Memory32(1, MiB) };
        var (_, result) = await Enumerate(Options with { Memory = new AddressRange(0x8000_0000, 13 * MiB) },
            RootPort(1, Endpoint(odd)), RootPort(2, Endpoint(odd)), RootPort(3, Endpoint(BarDefinition.Memory32(0, 2 * MiB))), RootPort(4, Endpoint(BarDefinition.Memory32(0, MiB))));
        Assert.Equal([0x8000_0000ul, 0x8080_0000, 0x8060_0000, 0x8050_0000], result.RootBus.Select(f => f.Bridge!.Memory.Base));
    }

    [Fact]
    public async Task ARomHasAddressesAndStaysDisabled()
    {
        var layout = new EndpointFunctionLayout(Identity(1), [BarDefinition.Memory32(0, 4 * KiB)], expansionRomSize: 64 * KiB);
        var function = new ModelFunction(layout, 0);
        function.Space.Write(new(0x30), 0xFFFF_0001);
        var (_, result) = await Enumerate(Options, RootPort(1, function));
        Assert.Equal(new AddressRange(0x8000_0000, 64 * KiB), result.Find(new Bdf(1, 0, 0))!.ExpansionRom);
        Assert.Equal(0x8000_0000ul, layout.Header.ExpansionRom!.Range(function.Space).Base);
        Assert.False(function.Space[layout.Header.ExpansionRom.Enable]);
    }

    [Fact]
    public async Task VirtualFunctionsHaveBusesAndAddressesKeptForThem()
    {
        var srIov = new SrIovCapability(new SrIovOptions { TotalVfs = 300, VfDeviceId = 0x77, FirstVfOffset = 2, VfStride = 1, VfBars = [BarDefinition.Memory64(2, 16 * KiB, true)] });
        var function = new ModelFunction(new EndpointFunctionLayout(Identity(1), [BarDefinition.Memory64(0, MiB, true)], [srIov]), 0);
        var (_, result) = await Enumerate(Options, RootPort(1, function), RootPort(2, Endpoint()));
        var found = result.Find(new Bdf(1, 0, 0))!;
        Assert.Equal(300, found.TotalVfs);
        Assert.Equal(300 * 16 * KiB, found.VirtualFunctionBars[0].Range.Size);
        Assert.True(result.RootBus[0].Bridge!.PrefetchableMemory.Contains(found.VirtualFunctionBars[0].Range.Base, found.VirtualFunctionBars[0].Range.Size));
        Assert.False(found.VirtualFunctionBars[0].Range.Overlaps(found.Bars[0].Range));
        Assert.Equal((1, 2), (result.RootBus[0].Bridge!.SecondaryBus, result.RootBus[0].Bridge!.SubordinateBus));
        Assert.Equal(3, result.RootBus[1].Bridge!.SecondaryBus);

        Assert.Equal(0, srIov.EnabledVfs(function.Space));
        function.Space[srIov.NumVfs] = 300;
        function.Space[srIov.VfEnable] = true;
        function.Space[srIov.VfMemorySpaceEnable] = true;
        Assert.Equal(2, srIov.VfId(found.Bdf, 299).Bus);
        Assert.Equal(found.VirtualFunctionBars[0].Range.Last, srIov.VfRange(function.Space, 299, 2).Last);
    }

    [Fact]
    public async Task ABarThatDoesNotFitIsNamedWithWhatIsLeft()
    {
        var options = Options with { Memory = new AddressRange(0x8000_0000, 3 * MiB) };
        var wrong = await Assert.ThrowsAsync<InputException>(() => Enumerate(options,
            RootPort(1, Switch(Downstream(0, Endpoint(BarDefinition.Memory32(0, 2 * MiB))), Downstream(1, Endpoint(BarDefinition.Memory32(0, 4 * KiB))))),
            RootPort(2, Endpoint(BarDefinition.Memory32(3, MiB)))));
        Assert.Equal("00:02.0 > 05:00.0: BAR 3 does not fit: it takes 0x100000 bytes, and 0x0 bytes are left of the host's 32-bit memory window [0x80000000, 0x802fffff]", wrong.Message);
        Assert.Equal("widen the window to 0x400000 bytes or more, or make the BARs smaller", wrong.Hint);
    }

    [Fact]
    public async Task ABarLargerThanTheWindowIsNamed()
    {
        var wrong = await Assert.ThrowsAsync<InputException>(() => Enumerate(Options, RootPort(1, Endpoint(BarDefinition.Memory64(2, 1ul << 62, true)))));
        Assert.StartsWith("00:01.0 > 01:00.0: BAR 2 does not fit: it takes 0x4000000000000000 bytes", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnIoBarNeedsAnIoWindowInTheHostAndInEveryBridge()
    {
        var none = await Assert.ThrowsAsync<InputException>(() => Enumerate(Options with { Io = AddressRange.Empty }, RootPort(1, Endpoint(BarDefinition.Io(0, 16)))));
        Assert.Equal("00:01.0 > 01:00.0: BAR 0 does not fit: it takes 0x10 bytes, and the host has no I/O window", none.Message);
        var bridge = await Assert.ThrowsAsync<InputException>(() => Enumerate(Options, Bridge(PortType.RootPort, 8, [Endpoint(BarDefinition.Io(1, 16))], io: WindowKind.None)));
        Assert.Equal("00:01.0 > 01:00.0: BAR 1 is in I/O space, and bridge 00:01.0 above it has no I/O window", bridge.Message);
    }

    [Fact]
    public async Task A16BitIoWindowCannotLieAbove64KiB()
    {
        var high = Options with { Io = new AddressRange(0x2_0000, 0x1_0000) };
        var (_, result) = await Enumerate(high, RootPort(1, Endpoint(BarDefinition.Io(0, 16))));
        Assert.Equal(new AddressRange(0x2_0000, 4 * KiB), result.RootBus[0].Bridge!.Io);
        await Assert.ThrowsAsync<InputException>(() => Enumerate(high, Bridge(PortType.RootPort, 8, [Endpoint(BarDefinition.Io(0, 16))], io: WindowKind.Narrow)));
    }

    [Fact]
    public void WindowsOfTheHostThatCannotBeAreRefused()
    {
        foreach (var options in new[]
        {
            Options with { Memory = new AddressRange(0xF000_0000, 0x1000_0001) },
            Options with { Memory = new AddressRange(0x1_0000_0001, 0) },
            Options with { Io = new AddressRange(ulong.MaxValue, 2) },
            Options with { PrefetchableMemory = new AddressRange(ulong.MaxValue - 1, 16) },
            Options with { PrefetchableMemory = new AddressRange(0xE000_0000, 0x4000_0000) },
            Options with { MaxReadRequestSize = 300 },
        }) Assert.Throws<InputException>(() => new Enumerator(new ModelHierarchy(), options));
    }
}
