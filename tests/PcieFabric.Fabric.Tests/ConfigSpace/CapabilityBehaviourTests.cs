using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class CapabilityBehaviourTests
{
    private const ulong MiB = Endpoints.MiB;

    [Fact]
    public void ResizingABarMovesItsAddressBitsAtOnce()
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Resizable(0, 256 * MiB, 64 * MiB, 512 * MiB, 8192 * MiB)]);
        var space = new ConfigSpace(layout);
        var bar = layout.Header.Bars[0];
        var control = new RegisterOffset(layout.Find<ResizableBarCapability>()!.Offset + 8);
        Assert.Equal(8u, space.Read(control) >> 8 & 0x3F);
        space.Write(new(0x10), 0xFFFFFFFF);
        Assert.Equal(0xF000000Cu, space.Read(new(0x10)));
        Assert.Equal(Concerns.Bar, space.Write(control, MaskedDword.Byte(1, 13)).Concerns);
        Assert.Equal(8192 * MiB, bar.Size(space));
        Assert.Equal(0x0000000Cu, space.Read(new(0x10)));
        space.Write(new(0x14), 0xFFFFFFFF);
        Assert.Equal(0xFFFFFFFEu, space.Read(new(0x14)));
        space.Write(control, MaskedDword.Byte(1, 6));
        space.Write(new(0x10), 0xFFFFFFFF);
        Assert.Equal(0xFC00000Cu, space.Read(new(0x10)));
        Assert.Equal(new AddressRange(0xFFFFFFFE_FC000000, 64 * MiB), bar.Range(space));
    }

    [Fact]
    public void ASizeThatTheBarLacksLeavesItAlone()
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Resizable(0, 256 * MiB, 64 * MiB)]);
        var space = new ConfigSpace(layout);
        Assert.Equal(Concerns.None, space.Write(new(layout.Find<ResizableBarCapability>()!.Offset + 8), MaskedDword.Byte(1, 7)).Concerns);
        Assert.Equal(256 * MiB, layout.Header.Bars[0].Size(space));
        Assert.Throws<InputException>(() => new EndpointFunctionLayout(Endpoints.Nvme, [BarDefinition.Resizable(0, 256 * MiB, 4096)]));
        Assert.Throws<InputException>(() => new ResizableBarCapability(new Type0Header(Endpoints.Nvme, [])));
    }

    [Fact]
    public void VirtualFunctionsFollowEachOtherInIdsAndAddresses()
    {
        var (sriov, space) = WithSrIov();
        var at = sriov.Offset;
        space.Write(new(at + 0x24), 0xE0000000);
        space.Write(new(at + 0x28), 0x00000001);
        space.Write(new(at + 0x10), MaskedDword.Word(0, 10));
        Assert.Equal(0, sriov.EnabledVfs(space));
        Assert.True(space.Write(new(at + 8), MaskedDword.Byte(0, 0b1001)).Has(Concerns.SrIov));
        Assert.Equal(10, sriov.EnabledVfs(space));
        Assert.Equal(new Bdf(2, 1, 1), sriov.VfId(new Bdf(2, 0, 0), 1));
        Assert.Equal(new AddressRange(0x1_E0000000 + 9 * 16384, 16384), sriov.VfRange(space, 9, 0));
        Assert.Equal(AddressRange.Empty, sriov.VfRange(space, 10, 0));
        Assert.Equal(AddressRange.Empty, sriov.VfRange(space, 0, 2));
        space[sriov.VfMemorySpaceEnable] = false;
        Assert.Equal(AddressRange.Empty, sriov.VfRange(space, 0, 0));
    }

    [Fact]
    public void TheNumberOfVirtualFunctionsStandsWhileTheyAreEnabled()
    {
        var (sriov, space) = WithSrIov();
        var numVfs = new RegisterOffset(sriov.Offset + 0x10);
        space.Write(numVfs, MaskedDword.Word(0, 17));
        Assert.Equal(0u, space[sriov.NumVfs]);
        space.Write(numVfs, MaskedDword.Word(0, 4));
        space[sriov.VfEnable] = true;
        space.Write(numVfs, MaskedDword.Word(0, 8));
        Assert.Equal(4u, space[sriov.NumVfs]);
        space.Reset(ResetKind.FunctionLevel);
        Assert.Equal(0, sriov.EnabledVfs(space));
    }

    [Fact]
    public void AVirtualFunctionBarGrowsToTheSystemPageSize()
    {
        var (sriov, space) = WithSrIov();
        space.Write(new(sriov.Offset + 0x20), 1 << 4);
        space.Write(new(sriov.Offset + 0x24), 0xFFFFFFFF);
        Assert.Equal(0xFFFF000Cu, space.Read(new(sriov.Offset + 0x24)));
        space.Write(new(sriov.Offset + 0x20), 1 << 1 | 1);
        Assert.Equal(1u << 4, space.Read(new(sriov.Offset + 0x20)));
    }

    [Fact]
    public void AcsControlsCanBeEnabledWhereTheyAreSupported()
    {
        var layout = new BridgeLayout(PortType.DownstreamSwitchPort, new FunctionIdentity(0x1AF4, 2, BridgeLayout.ClassCode), capabilities: [new AcsCapability(AcsControls.Isolation | AcsControls.PeerEgressControl, 40)]);
        var space = new ConfigSpace(layout);
        var acs = layout.Acs!;
        Assert.Equal(AcsControls.None, acs.Enabled(space));
        Assert.Equal(Concerns.Acs, space.Write(new(acs.Offset + 4), MaskedDword.Word(2, 0xFFFF)).Concerns);
        Assert.Equal(AcsControls.Isolation | AcsControls.PeerEgressControl, acs.Enabled(space));
        space.Write(new(acs.Offset + 12), 1 << 3);
        Assert.Equal([35], Enumerable.Range(0, 256).Where(port => acs.BlocksEgress(space, port)));
    }

    [Fact]
    public void TagsPayloadsAndBoundariesFollowDeviceAndLinkControl()
    {
        var layout = Endpoints.Everything();
        var space = new ConfigSpace(layout);
        var (device, link, at) = (layout.Express.Device, layout.Express.Link!, layout.Express.Offset);
        Assert.Equal((8, 128, 512, 64), (device.TagBits(space), device.MaxPayloadBytes(space), device.MaxReadRequestBytes(space), link.ReadCompletionBoundaryBytes(space)));
        space.Write(new(at + 0x28), MaskedDword.Word(0, 1 << 12));
        space.Write(new(at + 0x08), MaskedDword.Word(0, 1 << 5 | 5 << 12));
        space.Write(new(at + 0x10), MaskedDword.Word(0, 1 << 3));
        Assert.Equal((10, 256, 4096, 128), (device.TagBits(space), device.MaxPayloadBytes(space), device.MaxReadRequestBytes(space), link.ReadCompletionBoundaryBytes(space)));
        space.Write(new(at + 0x28), MaskedDword.Word(0, 0));
        Assert.Equal(5, device.TagBits(space));
    }

    [Fact]
    public void APortTypeHasItsPartsAndNoOthers()
    {
        var identity = new FunctionIdentity(0x1AF4, 3, BridgeLayout.ClassCode);
        var root = new BridgeLayout(PortType.RootPort, identity, new PciExpressOptions { Slot = new() }).Express;
        var upstream = new BridgeLayout(PortType.UpstreamSwitchPort, identity).Express;
        var integrated = new EndpointFunctionLayout(Endpoints.Nvme, type: PortType.RootComplexIntegratedEndpoint);
        Assert.True(root is { Root: not null, Slot: not null, Link.DataLinkLayerActive: not null, Device.AriForwardingEnable: not null, Device.InitiateFunctionLevelReset: null });
        Assert.True(upstream is { Root: null, Slot: null, Link: { DataLinkLayerActive: null, RetrainLink: null }, Device.AriForwardingEnable: null });
        Assert.Null(integrated.Express.Link);
        Assert.Equal(0u, new ConfigSpace(integrated).Read(new(integrated.Express.Offset + 0x0C)));
    }

    [Fact]
    public void ACardThatComesInRaisesTheHotPlugInterruptWhereEnabled()
    {
        var layout = new BridgeLayout(PortType.RootPort, new FunctionIdentity(0x1AF4, 3, BridgeLayout.ClassCode), new PciExpressOptions { Slot = new() { HotPlug = true } });
        var space = new ConfigSpace(layout);
        var slot = layout.Express.Slot!;
        Assert.False(slot.SetPresence(space, true));
        Assert.True(space[slot.PresenceDetectChanged]);
        Assert.Equal(Concerns.Slot, space.Write(new(layout.Express.Offset + 0x18), 1 << 3 | 1 << 5 | 1 << 19).Concerns);
        Assert.False(space[slot.PresenceDetectChanged]);
        Assert.False(slot.SetPresence(space, true));
        Assert.True(slot.SetPresence(space, false));
    }

    [Fact]
    public void RetrainLinkIsSeenByTheOwnerAndReadsZero()
    {
        var layout = new BridgeLayout(PortType.RootPort, new FunctionIdentity(0x1AF4, 3, BridgeLayout.ClassCode));
        var space = new ConfigSpace(layout);
        var control = new RegisterOffset(layout.Express.Offset + 0x10);
        var effect = space.Write(control, MaskedDword.Word(0, 1 << 5));
        Assert.True(effect.Starts(layout.Express.Link!.RetrainLink!));
        Assert.Equal(Concerns.Link, effect.Concerns);
        Assert.Equal(0u, space.Read(control) & 1 << 5);
    }

    [Fact]
    public void APmeThatComesBeforeTheLastWasReadIsLeftToBeRepeated()
    {
        var layout = new BridgeLayout(PortType.RootPort, new FunctionIdentity(0x1AF4, 3, BridgeLayout.ClassCode));
        var space = new ConfigSpace(layout);
        var root = layout.Express.Root!;
        space[root.PmeInterruptEnable] = true;
        Assert.True(root.RecordPme(space, new Bdf(5, 0, 0)));
        Assert.False(root.RecordPme(space, new Bdf(6, 0, 0)));
        Assert.Equal(0x0500u, space[root.PmeRequesterId]);
    }

    [Fact]
    public void EachLaneHasItsEqualizationControl()
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, express: new PciExpressOptions { MaxLinkSpeed = 3, MaxLinkWidth = 4 });
        var space = new ConfigSpace(layout);
        var at = layout.Find<SecondaryPciExpressCapability>()!.Offset;
        Assert.Equal([0u, 0x7F7F7F7F, 0x7F7F7F7F, 0u], Enumerable.Range(2, 4).Select(i => space.Read(new(at + 4 * i))));
    }

    [Fact]
    public void LatenciesCountInPowersOf32Nanoseconds()
    {
        var layout = Endpoints.Everything();
        var space = new ConfigSpace(layout);
        var ltr = layout.Find<LtrCapability>()!;
        space.Write(new(ltr.Offset + 4), 0x1003_0C02);
        Assert.Equal(2L * 32 * 32 * 32 * 1000, ltr.MaxSnoopLatency(space).Picoseconds);
        Assert.Equal(3L * 32 * 32 * 32 * 32 * 1000, ltr.MaxNoSnoopLatency(space).Picoseconds);
    }

    private static (SrIovCapability Capability, ConfigSpace Space) WithSrIov()
    {
        var layout = Endpoints.Everything();
        return (layout.SrIov!, new ConfigSpace(layout));
    }
}
