using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Input;
using PcieFabric.RootComplexes.Enumeration;
using static PcieFabric.Actors.Tests.Enumeration.Model;

namespace PcieFabric.Actors.Tests.Enumeration;

public class BusNumberTests
{
    [Fact]
    public async Task BusesAreNumberedDepthFirst()
    {
        var (model, result) = await Enumerate(Options,
            RootPort(1, Switch(Downstream(0, Endpoint()), Downstream(5, Switch(Downstream(31, Endpoint()))), Downstream(7))),
            RootPort(2, Endpoint()));
        Assert.Equal(
            ["00:01.0", "01:00.0", "02:00.0", "03:00.0", "02:05.0", "04:00.0", "05:1f.0", "06:00.0", "02:07.0", "00:02.0", "08:00.0"],
            result.Functions.Select(f => f.Bdf.ToString()));
        Assert.Equal((1, 7), (model.RootBus[0].SecondaryBus, model.RootBus[0].SubordinateBus));
        Assert.Equal(8, result.LastBus);
        Assert.Null(result.Find(new Bdf(7, 0, 0)));
    }

    [Fact]
    public async Task FunctionsOfADeviceMayHaveGapsBetweenThem()
    {
        var (_, result) = await Enumerate(Options, RootPort(1, Function(0).MultiFunction(), Function(3), Function(7)));
        Assert.Equal([0, 3, 7], result.RootBus[0].Children.Select(f => (int)f.Bdf.Function));
    }

    [Fact]
    public async Task OtherFunctionsAreNotSoughtWithoutTheMultiFunctionFlag()
    {
        var (_, result) = await Enumerate(Options, RootPort(1, Function(0), Function(3)));
        Assert.Equal([0], result.RootBus[0].Children.Select(f => (int)f.Bdf.Function));
    }

    [Fact]
    public async Task ASegmentMayStartAndEndAtAnyBus()
    {
        var (_, result) = await Enumerate(Options with { FirstBus = 0x40, LastBus = 0x42 }, RootPort(0, Endpoint()), RootPort(1, Endpoint()));
        Assert.Equal([0x40, 0x41, 0x40, 0x42], result.Functions.Select(f => (int)f.Bdf.Bus));
        Assert.Equal((0x40, 0x42), (result.FirstBus, result.LastBus));
    }

    [Fact]
    public async Task AriReaches256FunctionsOfOneDevice()
    {
        var (model, result) = await Enumerate(Options, RootPort(1, AriDevice([.. Enumerable.Range(0, 256)])));
        Assert.Equal(Enumerable.Range(0, 256), result.RootBus[0].Children.Select(f => (int)f.Bdf.AriFunction));
        Assert.True(model.RootBus[0].ForwardsAri);
        Assert.Equal(1, result.LastBus);
        Assert.Equal(256, result.RootBus[0].Children.Select(f => f.Bars[0].Range.Base).Distinct().Count());
    }

    [Fact]
    public async Task WithoutAriInThePortOnlyEightFunctionsAreReached()
    {
        var port = Bridge(PortType.RootPort, 8, AriDevice(0, 2, 9, 200), new PciExpressOptions { AriForwarding = false });
        var (_, result) = await Enumerate(Options, port);
        Assert.Equal([0, 2], result.RootBus[0].Children.Select(f => (int)f.Bdf.AriFunction));
    }

    [Fact]
    public async Task AriForwardingIsSwitchedOffAgainWhereItIsNotWanted()
    {
        var port = RootPort(1, AriDevice(0, 2, 9));
        await Enumerate(Options, port);
        Assert.True(port.ForwardsAri);
        var (_, result) = await Enumerate(Options with { EnableAriForwarding = false }, port);
        Assert.False(port.ForwardsAri);
        Assert.Equal([0, 2], result.RootBus[0].Children.Select(f => (int)f.Bdf.AriFunction));
    }

    [Fact]
    public async Task AnAriListThatTurnsBackEndsThere()
    {
        var functions = AriDevice(0, 4, 6);
        var ari = ((ConfigSpaces.Functions.EndpointFunctionLayout)functions[2].Layout).Ari!;
        functions[2].Space[ari.NextFunction] = 4;
        var (_, result) = await Enumerate(Options, RootPort(1, functions));
        Assert.Equal([0, 4, 6], result.RootBus[0].Children.Select(f => (int)f.Bdf.AriFunction));
    }

    [Fact]
    public async Task BusNumbersThatRunOutAreAnErrorThatNamesThePath()
    {
        var wrong = await Assert.ThrowsAsync<InputException>(() => Enumerate(Options with { LastBus = 4 },
            RootPort(1, Switch(Downstream(0, Endpoint()), Downstream(1, Endpoint()), Downstream(2, Endpoint())))));
        Assert.Equal("02:02.0: no bus number is left for what is below it, of 0x00 to 0x04", wrong.Message);
        Assert.Contains("00:01.0 > 01:00.0 > 02:02.0", wrong.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MoreThan256BusesAreRefused()
    {
        // One root bus, and three buses for the switch with one port below each root port: 1 + 29 * 9 > 256.
        var ports = Enumerable.Range(0, 29).Select(device => RootPort(device, Switch(Enumerable.Range(0, 7).Select(port => Downstream(port)))));
        var wrong = await Assert.ThrowsAsync<InputException>(() => Enumerate(Options, ports));
        Assert.Contains("of 0x00 to 0xff", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 255)]
    [InlineData(0, 256)]
    [InlineData(8, 7)]
    public void BusesThatAreNoRangeAreRefused(int first, int last) =>
        Assert.Throws<InputException>(() => new Enumerator(new ModelHierarchy(), Options with { FirstBus = first, LastBus = last }));
}
