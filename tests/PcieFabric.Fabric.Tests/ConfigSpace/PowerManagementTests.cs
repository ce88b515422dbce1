using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class PowerManagementTests
{
    [Fact]
    public void AFunctionInD3HotNeitherInitiatesNorAnswers()
    {
        var (layout, space, control) = Make(noSoftReset: true);
        space[layout.Header.Command.BusMasterEnable] = true;
        Assert.True(layout.MayInitiate(space));
        Assert.Equal(Concerns.PowerState, space.Write(control, MaskedDword.Byte(0, 3)).Concerns);
        Assert.Equal(PowerState.D3Hot, layout.PowerManagement.State(space));
        Assert.False(layout.MayInitiate(space));
        Assert.False(layout.IsOn(space));
        space.Write(control, MaskedDword.Byte(0, 0));
        Assert.True(layout.MayInitiate(space));
    }

    [Fact]
    public void WithoutNoSoftResetTheWayBackToD0ResetsTheFunction()
    {
        var (layout, space, control) = Make(noSoftReset: false);
        space[layout.Header.Command.BusMasterEnable] = true;
        space[layout.PowerManagement.PmeEnable] = true;
        space.Write(control, MaskedDword.Byte(0, 3));
        Assert.True(space[layout.Header.Command.BusMasterEnable]);
        var effect = space.Write(control, MaskedDword.Byte(0, 0));
        Assert.True(effect.Has(Concerns.Reset));
        Assert.Equal(PowerState.D0, layout.PowerManagement.State(space));
        Assert.False(space[layout.Header.Command.BusMasterEnable]);
        Assert.True(space[layout.PowerManagement.PmeEnable]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AStateThatIsNotSupportedLeavesTheFunctionAsItIs(byte state)
    {
        var (layout, space, control) = Make(noSoftReset: true);
        Assert.Equal(Concerns.None, space.Write(control, MaskedDword.Byte(0, state)).Concerns);
        Assert.Equal(PowerState.D0, layout.PowerManagement.State(space));
        space.Write(control, MaskedDword.Byte(0, 3));
        space.Write(control, MaskedDword.Byte(0, state));
        Assert.Equal(PowerState.D3Hot, layout.PowerManagement.State(space));
    }

    private static (EndpointFunctionLayout Layout, ConfigSpace Space, RegisterOffset Control) Make(bool noSoftReset)
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, capabilities: [new PowerManagementCapability(noSoftReset)]);
        return (layout, new ConfigSpace(layout), new RegisterOffset(layout.PowerManagement.Offset + 4));
    }
}
