using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

/// <summary>The configuration space of a virtual function (PCIe 6.0 sections 9.3.4 to 9.4).</summary>
public sealed class VirtualFunctionLayoutTests
{
    private static EndpointFunctionLayout Physical(params Capability[] besides) => new(
        Endpoints.Nvme,
        [BarDefinition.Memory64(0, 16384)],
        [new SrIovCapability(new SrIovOptions { TotalVfs = 4, VfDeviceId = 0x0011, VfBars = [BarDefinition.Memory64(0, 16384, true)] }), .. besides]);

    private static EndpointFunctionLayout Virtual() =>
        EndpointFunctionLayout.VirtualOf(Physical(new AerCapability()), [new MsiXCapability(8, tableBar: 0), new AerCapability(isVirtual: true), new AriCapability()]);

    [Fact]
    public void OnlyWhatConcernsItAloneCanBeWritten()
    {
        var layout = Virtual();
        var space = new ConfigSpace(layout);
        for (var at = 0; at < Limits.ConfigSpaceBytes; at += 4) space.Write(new(at), ~0u);
        var written = new Dictionary<int, uint>
        {
            [0x04] = 1u << 2,
            [layout.MsiX!.Offset] = 0xC000_0000,
            [layout.PowerManagement.Offset + 4] = 3,
        };
        var fresh = new ConfigSpace(layout);
        for (var at = 0; at < Limits.ConfigSpaceBytes; at += 4)
            Assert.Equal(written.GetValueOrDefault(at), (space.Read(new(at)) ^ fresh.Read(new(at))) & (at == layout.PowerManagement.Offset + 4 ? 3u : ~0u));
    }

    [Fact]
    public void ItShowsNeitherIdsNorBarsNorALinkOfItsOwn()
    {
        var space = new ConfigSpace(Virtual());
        Assert.Equal(~0u, space.Read(new(0x00)));
        for (var bar = 0x10; bar <= 0x24; bar += 4) Assert.Equal(0u, space.Read(new(bar)));
        Assert.Equal((0x1B36, 0x0011), (space.Layout.Header.Identity.VendorId, space.Layout.Header.Identity.DeviceId));
        Assert.Equal(0u, space.Read(new(((EndpointFunctionLayout)space.Layout).Express.Offset + 0x10)));
        Assert.Null(space.Layout.Find<SecondaryPciExpressCapability>());
    }

    [Fact]
    public void ItsTableLiesInTheBarsOfTheSrIovCapability() =>
        Assert.Contains("no memory BAR", Assert.Throws<InputException>(() => EndpointFunctionLayout.VirtualOf(Physical(), [new MsiXCapability(8, tableBar: 2)])).Message, StringComparison.Ordinal);

    [Fact]
    public void ErrorReportingNeedsThePhysicalFunctions() =>
        Assert.Contains("its physical function has not", Assert.Throws<InputException>(() => EndpointFunctionLayout.VirtualOf(Physical(), [new AerCapability(isVirtual: true)])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(false, false, null)]
    [InlineData(true, false, ErrorSeverity.NonFatal)]
    [InlineData(true, true, ErrorSeverity.Fatal)]
    public void EnablesAndSeveritiesAreThePhysicalFunctions(bool enabled, bool fatal, ErrorSeverity? expected)
    {
        var (physical, layout) = (Physical(new AerCapability()), Virtual());
        var (controls, space) = (new ConfigSpace(physical), new ConfigSpace(layout));
        controls[physical.Express.Device.NonFatalErrorReportingEnable] = controls[physical.Express.Device.FatalErrorReportingEnable] = enabled;
        controls[physical.Aer!.UncorrectableSeverity[UncorrectableError.CompletionTimeout]] = fatal;
        Assert.Equal(expected, layout.Errors.Signal(space, UncorrectableError.CompletionTimeout, physical: controls));
        Assert.True(space[layout.Aer!.UncorrectableStatus[UncorrectableError.CompletionTimeout]]);
        Assert.False(controls[physical.Aer.UncorrectableStatus[UncorrectableError.CompletionTimeout]]);
    }
}
