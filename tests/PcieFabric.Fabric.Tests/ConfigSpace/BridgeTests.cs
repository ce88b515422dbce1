using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Input;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class BridgeTests
{
    private static readonly FunctionIdentity Identity = new(0x1AF4, 0x0001, BridgeLayout.ClassCode);

    [Fact]
    public void WindowsOpenBetweenBaseAndLimitOnceTheirSpaceIsEnabled()
    {
        var layout = new BridgeLayout(PortType.RootPort, Identity);
        var space = new ConfigSpace(layout);
        space.Write(new(0x1C), MaskedDword.Word(0, 0x5F_2F));
        space.Write(new(0x30), 0x0001_0001);
        space.Write(new(0x20), 0xFE2F_FE0F);
        space.Write(new(0x24), 0x100F_0000);
        space.Write(new(0x28), 0x0000_0012);
        space.Write(new(0x2C), 0x0000_0012);
        Assert.Equal(AddressRange.Empty, layout.Bridge.MemoryRange(space));
        space.Write(new(0x04), 3);
        Assert.Equal(new AddressRange(0x12000, 0x4000), layout.Bridge.IoRange(space));
        Assert.Equal(new AddressRange(0xFE000000, 0x300000), layout.Bridge.MemoryRange(space));
        Assert.Equal(new AddressRange(0x12_00000000, 0x10100000), layout.Bridge.PrefetchableRange(space));
        space.Write(new(0x20), 0xFE00_FE10);
        Assert.Equal(AddressRange.Empty, layout.Bridge.MemoryRange(space));
    }

    [Fact]
    public void AWindowThatTheBridgeLacksReadsZeroAndStaysEmpty()
    {
        var layout = new BridgeLayout(PortType.DownstreamSwitchPort, Identity, ioWindow: WindowKind.None, prefetchableWindow: WindowKind.Narrow);
        var space = new ConfigSpace(layout);
        space.Write(new(0x04), 3);
        space.Write(new(0x1C), MaskedDword.Word(0, 0xFFFF));
        Assert.Equal(0u, space.Read(new(0x1C)) & 0xFFFF);
        Assert.Equal(AddressRange.Empty, layout.Bridge.IoRange(space));
        space.Write(new(0x28), 0xFFFFFFFF);
        space.Write(new(0x24), 0xFFF0_8000);
        Assert.Equal(new AddressRange(0x80000000, 0x80000000), layout.Bridge.PrefetchableRange(space));
    }

    [Theory]
    [InlineData(0x1000, false, false, false, false, false)]
    [InlineData(0x13FF, true, false, false, false, true)]
    [InlineData(0x14FF, true, false, false, false, false)]
    [InlineData(0x113FF, true, false, false, false, false)]
    [InlineData(0x3C0, false, false, false, false, false)]
    [InlineData(0x3C0, false, true, false, true, false)]
    [InlineData(0x3C0, true, true, false, true, true)]
    [InlineData(0x3BC, false, true, false, false, false)]
    [InlineData(0xF3C0, false, true, false, true, false)]
    [InlineData(0xF3C0, false, true, true, false, false)]
    [InlineData(0x103C0, false, true, false, false, false)]
    public void IsaAndVgaEnableDecideOverPorts(uint port, bool isa, bool vga, bool vga16, bool claimed, bool keptBack)
    {
        var layout = new BridgeLayout(PortType.RootPort, Identity);
        var space = new ConfigSpace(layout);
        space[layout.Bridge.Control.IsaEnable] = isa;
        space[layout.Bridge.Control.VgaEnable] = vga;
        space[layout.Bridge.Control.Vga16BitDecode] = vga16;
        Assert.False(layout.Bridge.LegacyDecode(space).ClaimsPort(port));
        space[layout.Header.Command.IoSpaceEnable] = true;
        Assert.Equal(claimed, layout.Bridge.LegacyDecode(space).ClaimsPort(port));
        Assert.Equal(keptBack, layout.Bridge.LegacyDecode(space).KeepsBackPort(port));
    }

    [Fact]
    public void TheFrameBufferGoesDownWithVgaAndMemorySpaceEnabled()
    {
        var layout = new BridgeLayout(PortType.RootPort, Identity);
        var space = new ConfigSpace(layout);
        ulong[] addresses = [0x9FFFF, 0xA0000, 0xBFFFF, 0xC0000];
        space[layout.Bridge.Control.VgaEnable] = true;
        Assert.DoesNotContain(addresses, layout.Bridge.LegacyDecode(space).ClaimsMemory);
        space[layout.Header.Command.MemorySpaceEnable] = true;
        Assert.Equal([0xA0000, 0xBFFFF], addresses.Where(layout.Bridge.LegacyDecode(space).ClaimsMemory));
        Assert.True(layout.Bridge.LegacyDecode(space).ClaimsAnyMemory(new AddressRange(0xBFFFF, 2)));
        Assert.False(layout.Bridge.LegacyDecode(space).ClaimsAnyMemory(new AddressRange(0xC0000, 2)));
    }

    [Fact]
    public void SecondaryBusResetIsSeenByTheOwner()
    {
        var layout = new BridgeLayout(PortType.RootPort, Identity);
        var space = new ConfigSpace(layout);
        Assert.True(space.Write(new(0x3C), MaskedDword.Word(2, 0x40)).Has(Concerns.BridgeControl));
        Assert.True(space[layout.Bridge.Control.SecondaryBusReset]);
    }

    [Fact]
    public void ABridgeHasTwoBars()
    {
        var space = new ConfigSpace(new BridgeLayout(PortType.RootPort, Identity, bars: [BarDefinition.Memory64(0, 1 << 20)]));
        space.Write(new(0x10), 0xFFFFFFFF);
        Assert.Equal(0xFFF00004, space.Read(new(0x10)));
        Assert.Throws<InputException>(() => new BridgeLayout(PortType.RootPort, Identity, bars: [BarDefinition.Memory32(2, 4096)]));
    }

    [Fact]
    public void OnlyPortsAreBridgesAndOnlyDownstreamPortsHaveSlots()
    {
        Assert.Throws<InputException>(() => new BridgeLayout(PortType.Endpoint, Identity));
        Assert.Throws<InputException>(() => new EndpointFunctionLayout(Identity, type: PortType.RootPort));
        Assert.Throws<InputException>(() => new BridgeLayout(PortType.UpstreamSwitchPort, Identity, new PciExpressOptions { Slot = new() }));
    }
}
