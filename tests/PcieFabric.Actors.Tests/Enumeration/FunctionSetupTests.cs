using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.RootComplexes.Enumeration;
using static PcieFabric.Actors.Tests.Enumeration.Model;

namespace PcieFabric.Actors.Tests.Enumeration;

public class FunctionSetupTests
{
    [Fact]
    public async Task OnlyWhatAFunctionHasIsEnabled()
    {
        var endpoints = new[] { Function(0, BarDefinition.Memory32(0, 4096)).MultiFunction(), Function(1, BarDefinition.Io(0, 16)), Function(2) };
        var port = RootPort(1, endpoints);
        await Enumerate(Options, port, RootPort(2, Endpoint(BarDefinition.Memory64(0, 4096, true))));
        Assert.Equal([(true, false), (false, true), (false, false)], endpoints.Select(Enables));
        Assert.Equal((true, true), Enables(port));
        Assert.All(endpoints.Append(port), f => Assert.True(f.Space[f.Layout.Header.Command.BusMasterEnable]));

        static (bool Memory, bool Io) Enables(ModelFunction f) => (f.Space[f.Layout.Header.Command.MemorySpaceEnable], f.Space[f.Layout.Header.Command.IoSpaceEnable]);
    }

    [Fact]
    public async Task EnablesCanBeLeftToTheDrivers()
    {
        var endpoint = Endpoint(BarDefinition.Memory32(0, 4096));
        await Enumerate(Options with { EnableDecode = false, EnableBusMaster = false, ErrorReporting = ErrorReporting.None }, RootPort(1, endpoint));
        Assert.Equal(0u, endpoint.Space.Read(new(4)) & 0xFFFF);
        Assert.Equal(0x8000_0000u, endpoint.Space.Read(new(0x10)));
    }

    [Fact]
    public async Task PayloadsAreAsSmallAsTheSmallestBelowTheSameRootPort()
    {
        var (_, result) = await Enumerate(Options with { MaxReadRequestSize = 4096 },
            Port(8, 1024, Function(0, new PciExpressOptions { MaxPayloadSizeSupported = 256 }).MultiFunction(), Function(1, new PciExpressOptions { MaxPayloadSizeSupported = 4096 })),
            Port(16, 512, Function(0, new PciExpressOptions { MaxPayloadSizeSupported = 2048 })));
        Assert.Equal([256, 256, 256, 512, 512], result.Functions.Select(f => f.PciExpress!.MaxPayload));
        Assert.All(result.Functions, f => Assert.Equal(4096, f.PciExpress!.MaxReadRequest));

        static ModelFunction Port(int number, int payload, params ModelFunction[] below) => Bridge(PortType.RootPort, number, below, new PciExpressOptions { MaxPayloadSizeSupported = payload });
    }

    [Fact]
    public async Task PayloadAndReadRequestSizesCanBeLeftAlone()
    {
        var (_, result) = await Enumerate(Options with { TuneMaxPayloadSize = false }, RootPort(1, Endpoint()));
        Assert.All(result.Functions, f => Assert.Equal((128, 512), (f.PciExpress!.MaxPayload, f.PciExpress.MaxReadRequest)));
    }

    [Fact]
    public async Task TenBitTagsNeedEveryCompleterBelowTheRootPort()
    {
        var requester = new PciExpressOptions { TenBitTagRequester = true };
        var (_, result) = await Enumerate(Options,
            RootPort(1, Switch(Downstream(0, Function(0, requester)), Downstream(1, Function(0, new PciExpressOptions { TenBitTagCompleter = false })))),
            RootPort(2, Switch(Downstream(0, Function(0, requester)), Downstream(1, Function(0, new PciExpressOptions { ExtendedTag = false })))));
        Assert.Equal([8, 8, 10, 5], result.Functions.Where(f => !f.IsBridge).Select(f => f.PciExpress!.TagBits));

        var (_, without) = await Enumerate(Options with { EnableTenBitTags = false, EnableExtendedTags = false }, RootPort(2, Function(0, requester)));
        Assert.Equal(5, without.Find(new Bdf(1, 0, 0))!.PciExpress!.TagBits);
    }

    [Theory]
    [InlineData(true, false, ErrorReporting.Fatal | ErrorReporting.Correctable)]
    [InlineData(false, true, ErrorReporting.None)]
    public async Task AttributesAndErrorReportsFollowTheOptions(bool relaxedOrdering, bool noSnoop, ErrorReporting errors)
    {
        var (model, _) = await Enumerate(Options with { EnableRelaxedOrdering = relaxedOrdering, EnableNoSnoop = noSnoop, ErrorReporting = errors }, RootPort(1, Endpoint()));
        foreach (var function in model.Functions)
        {
            var device = function.Layout.Express.Device;
            Assert.Equal((relaxedOrdering, noSnoop), (function.Space[device.EnableRelaxedOrdering], function.Space[device.EnableNoSnoop]));
            var reports = new[] { device.CorrectableErrorReportingEnable, device.NonFatalErrorReportingEnable, device.FatalErrorReportingEnable, device.UnsupportedRequestReportingEnable };
            Assert.Equal(errors, (ErrorReporting)reports.Select((flag, bit) => function.Space[flag] ? 1 << bit : 0).Sum());
            Assert.Equal(errors != ErrorReporting.None, function.Space[function.Layout.Header.Command.SerrEnable]);
        }
        var port = model.RootBus[0];
        Assert.Equal(errors != ErrorReporting.None, port.Space[port.Bridge!.Control.SerrEnable]);
    }

    [Fact]
    public async Task TheReportKnowsLinksCapabilitiesAndIdentity()
    {
        var functions = AriDevice(0, 1);
        var link = functions[0].Layout.Express.Link!;
        functions[0].Space[link.CurrentSpeed] = 2;
        functions[0].Space[link.NegotiatedWidth] = 1;
        functions[0].Space[functions[0].Layout.Header.InterruptPin] = 3;
        var (_, result) = await Enumerate(Options, RootPort(1, functions));
        var found = result.Find(new Bdf(1, 0, 0))!;
        Assert.Equal((3, 4, 2, 1), (found.PciExpress!.MaxLinkSpeed, found.PciExpress.MaxLinkWidth, found.PciExpress.LinkSpeed, found.PciExpress.LinkWidth));
        Assert.Equal(PortType.Endpoint, found.PciExpress.PortType);
        Assert.Equal(functions[0].Layout.MsiX!.Offset, found.FindCapability(CapabilityId.MsiX));
        Assert.Equal(functions[0].Layout.Aer!.Offset, found.FindExtendedCapability(ExtendedCapabilityId.AdvancedErrorReporting));
        Assert.Null(found.FindCapability(CapabilityId.VendorSpecific));
        Assert.Equal(Identity(0xA000), found.Identity);
        Assert.Equal(3, found.InterruptPin);
        Assert.True(found.MultiFunction);
    }
}
