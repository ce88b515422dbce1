using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class ResetTests
{
    private readonly EndpointFunctionLayout _layout = Endpoints.Everything();
    private readonly ConfigSpace _space;

    public ResetTests()
    {
        _space = new ConfigSpace(_layout);
        _space[_layout.Header.Command.BusMasterEnable] = true;
        _space[_layout.Header.InterruptPin] = 1;
        _space[_layout.Express.Device.MaxPayloadSize] = PayloadSize.Encode(512);
        _space[_layout.Express.Device.MaxReadRequestSize] = PayloadSize.Encode(4096);
        _space[_layout.Express.Link!.TargetSpeed] = 2;
        _layout.Express.Link.SetUp(_space, 4, 8);
        _layout.SerialNumber!.SetSerialNumber(_space, 0x0123456789ABCDEF);
        _layout.Aer!.Record(_space, UncorrectableError.CompletionTimeout, [1, 2, 3, 4]);
        _space[_layout.PowerManagement.PmeEnable] = true;
    }

    [Fact]
    public void AFunctionLevelResetSparesTheLinkAndWhatIsSticky()
    {
        _space.Reset(ResetKind.FunctionLevel);
        Assert.Equal(512, _layout.Express.Device.MaxPayloadBytes(_space));
        Assert.Equal(512, _layout.Express.Device.MaxReadRequestBytes(_space));
        Assert.Equal(2u, _space[_layout.Express.Link!.TargetSpeed]);
        AssertKeptByConventionalReset();
    }

    [Fact]
    public void AConventionalResetSparesWhatIsSticky()
    {
        _space.Reset(ResetKind.Conventional);
        Assert.Equal(128, _layout.Express.Device.MaxPayloadBytes(_space));
        AssertKeptByConventionalReset();
    }

    [Fact]
    public void AColdResetSparesOnlyWhatTheHardwareBrings()
    {
        _space.Reset(ResetKind.Cold);
        Assert.False(_space[_layout.PowerManagement.PmeEnable]);
        Assert.Equal(0u, _layout.Aer!.UncorrectableStatus.Value(_space));
        Assert.Equal(4u, _space[_layout.Express.Link!.TargetSpeed]);
        AssertHardwareKept();
    }

    [Fact]
    public void SoftwareStartsAFunctionLevelResetAndReadsTheBitAsZero()
    {
        var at = new RegisterOffset(_layout.Express.Offset + 0x08);
        var effect = _space.Write(at, MaskedDword.Byte(1, 0x80));
        Assert.True(_layout.StartsFunctionLevelReset(effect));
        Assert.True(effect.Has(Concerns.Device));
        Assert.Equal(0u, _space.Read(at) & 0x8000);
        Assert.False(_layout.StartsFunctionLevelReset(_space.Write(at, MaskedDword.Byte(1, 0x00))));
    }

    private void AssertKeptByConventionalReset()
    {
        Assert.False(_space[_layout.Header.Command.BusMasterEnable]);
        Assert.True(_space[_layout.PowerManagement.PmeEnable]);
        Assert.True(_space[_layout.Aer!.UncorrectableStatus[UncorrectableError.CompletionTimeout]]);
        Assert.Equal([1u, 2, 3, 4], _layout.Aer.HeaderLog.Select(f => _space[f]));
        AssertHardwareKept();
    }

    private void AssertHardwareKept()
    {
        Assert.Equal(1u, _space[_layout.Header.InterruptPin]);
        Assert.Equal(0x0123456789ABCDEFul, _layout.SerialNumber!.SerialNumber(_space));
        Assert.Equal((4u, 8u), (_space[_layout.Express.Link!.CurrentSpeed], _space[_layout.Express.Link.NegotiatedWidth]));
    }
}
