using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class ErrorReportingTests
{
    private readonly BridgeLayout _layout = new(PortType.RootPort, new FunctionIdentity(0x1AF4, 1, BridgeLayout.ClassCode));
    private readonly ConfigSpace _space;
    private readonly AerCapability _aer;

    public ErrorReportingTests()
    {
        _space = new ConfigSpace(_layout);
        _aer = _layout.Aer!;
    }

    [Fact]
    public void MasksAndSeveritiesComeUpAsTheSpecificationSays()
    {
        Assert.Equal(0x04400000u, _aer.UncorrectableMask.Value(_space));
        Assert.Equal(0x00462030u, _aer.UncorrectableSeverity.Value(_space));
        Assert.Equal(0x0000E000u, _aer.CorrectableMask.Value(_space));
    }

    [Fact]
    public void TheFirstErrorKeepsItsHeaderUntilSoftwareClearsIt()
    {
        Assert.Equal(ErrorSeverity.NonFatal, _aer.Record(_space, UncorrectableError.UnsupportedRequest, [0x40000001, 0x0100000F, 0xFEE00000]));
        Assert.Equal(ErrorSeverity.Fatal, _aer.Record(_space, UncorrectableError.MalformedTlp, [9, 9, 9, 9]));
        Assert.Equal(UncorrectableError.UnsupportedRequest, _aer.FirstError(_space));
        Assert.Equal([0x40000001u, 0x0100000F, 0xFEE00000, 0], _aer.HeaderLog.Select(f => _space[f]));
        var status = new RegisterOffset(_aer.Offset + 4);
        Assert.Equal(1u << 20 | 1u << 18, _space.Read(status));
        Assert.Equal(Concerns.ErrorReporting, _space.Write(status, 0xFFFFFFFF).Concerns);
        Assert.Equal(0u, _space.Read(status));
        _aer.Record(_space, UncorrectableError.MalformedTlp, [5, 6, 7, 8]);
        Assert.Equal(UncorrectableError.MalformedTlp, _aer.FirstError(_space));
        Assert.Equal([5u, 6, 7, 8], _aer.HeaderLog.Select(f => _space[f]));
    }

    [Fact]
    public void AMaskedErrorSetsItsStatusAndNothingElse()
    {
        _space[_aer.UncorrectableMask[UncorrectableError.CompletionTimeout]] = true;
        Assert.Null(_aer.Record(_space, UncorrectableError.CompletionTimeout, [1, 2, 3, 4]));
        Assert.True(_space[_aer.UncorrectableStatus[UncorrectableError.CompletionTimeout]]);
        Assert.All(_aer.HeaderLog, field => Assert.Equal(0u, _space[field]));
        Assert.Null(_aer.Record(_space, CorrectableError.AdvisoryNonFatal));
        Assert.Equal(ErrorSeverity.Correctable, _aer.Record(_space, CorrectableError.BadTlp));
    }

    [Fact]
    public void ARootPortKeepsTheFirstSourceOfEachKind()
    {
        var root = _aer.Root!;
        _space[root.FatalReportingEnable] = true;
        Assert.False(root.Record(_space, ErrorSeverity.Correctable, new Bdf(1, 0, 0)));
        Assert.False(root.Record(_space, ErrorSeverity.Correctable, new Bdf(2, 0, 0)));
        Assert.False(root.Record(_space, ErrorSeverity.NonFatal, new Bdf(3, 0, 0)));
        Assert.True(root.Record(_space, ErrorSeverity.Fatal, new Bdf(4, 0, 0)));
        Assert.Equal((0x0100u, 0x0300u), (_space[root.CorrectableSource], _space[root.UncorrectableSource]));
        var status = new RegisterOffset(_aer.Offset + 0x30);
        Assert.Equal(0b110_1111u, _space.Read(status));
        _space.Write(status, 0x7F);
        Assert.True(root.Record(_space, ErrorSeverity.Fatal, new Bdf(4, 0, 0)));
        Assert.Equal(0b101_0100u, _space.Read(status));
    }
}
