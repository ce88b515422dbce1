using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Fabric.Tests.ConfigSpaces;

public class ErrorSignalingTests
{
    private const ushort ReportAll = 0xF;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void APostedRequestThatNobodySupportsIsANonFatalError(bool hasAer)
    {
        var (layout, space) = Make(hasAer, ReportAll);
        Assert.Equal(ErrorSeverity.NonFatal, layout.Errors.Signal(space, UncorrectableError.UnsupportedRequest));
        Assert.True(space[layout.Express.Device.NonFatalErrorDetected]);
        Assert.True(space[layout.Express.Device.UnsupportedRequestDetected]);
        Assert.False(space[layout.Express.Device.CorrectableErrorDetected]);
    }

    [Fact]
    public void AnErrorThatTheRequesterIsToldOfIsSignalledAsCorrectable()
    {
        var (layout, space) = Make(false, ReportAll);
        Assert.Equal(ErrorSeverity.Correctable, layout.Errors.Signal(space, UncorrectableError.UnsupportedRequest, isAdvisory: true));
        Assert.True(space[layout.Express.Device.CorrectableErrorDetected]);
        Assert.False(space[layout.Express.Device.NonFatalErrorDetected]);
    }

    [Fact]
    public void AnAdvisoryErrorIsLoggedOnlyOnceSoftwareUnmasksIt()
    {
        var (layout, space) = Make(true, ReportAll);
        var aer = layout.Aer!;
        Assert.Null(layout.Errors.Signal(space, UncorrectableError.CompleterAbort, [7], isAdvisory: true));
        Assert.Equal(0u, aer.UncorrectableStatus.Value(space));
        Assert.True(space[aer.CorrectableStatus[CorrectableError.AdvisoryNonFatal]]);
        space[aer.CorrectableMask[CorrectableError.AdvisoryNonFatal]] = false;
        Assert.Equal(ErrorSeverity.Correctable, layout.Errors.Signal(space, UncorrectableError.CompleterAbort, [7], isAdvisory: true));
        Assert.Equal(UncorrectableError.CompleterAbort, aer.FirstError(space));
        Assert.Equal(7u, space[aer.HeaderLog[0]]);
    }

    [Fact]
    public void AnAdvisoryErrorThatSoftwareMadeFatalIsFatal()
    {
        var (layout, space) = Make(true, ReportAll);
        space[layout.Aer!.UncorrectableSeverity[UncorrectableError.UnsupportedRequest]] = true;
        Assert.Equal(ErrorSeverity.Fatal, layout.Errors.Signal(space, UncorrectableError.UnsupportedRequest, isAdvisory: true));
        Assert.True(space[layout.Express.Device.FatalErrorDetected]);
    }

    [Theory]
    [InlineData(UncorrectableError.MalformedTlp, 0b0100, false, ErrorSeverity.Fatal)]
    [InlineData(UncorrectableError.MalformedTlp, 0b0010, false, null)]
    [InlineData(UncorrectableError.MalformedTlp, 0b0000, true, ErrorSeverity.Fatal)]
    [InlineData(UncorrectableError.CompletionTimeout, 0b0010, false, ErrorSeverity.NonFatal)]
    [InlineData(UncorrectableError.UnsupportedRequest, 0b0010, false, null)]
    [InlineData(UncorrectableError.UnsupportedRequest, 0b1010, false, ErrorSeverity.NonFatal)]
    [InlineData(UncorrectableError.UnsupportedRequest, 0b0000, true, ErrorSeverity.NonFatal)]
    public void DeviceControlOrSerrLetsTheMessageOut(UncorrectableError error, ushort deviceControl, bool serr, ErrorSeverity? expected)
    {
        foreach (var hasAer in (bool[])[false, true])
        {
            var (layout, space) = Make(hasAer, deviceControl);
            space[layout.Header.Command.SerrEnable] = serr;
            Assert.Equal(expected, layout.Errors.Signal(space, error));
            Assert.Equal(serr, space[layout.Header.Status.SystemError]);
        }
    }

    [Fact]
    public void AMaskedErrorIsRememberedAndNotSent()
    {
        var (layout, space) = Make(true, ReportAll);
        space[layout.Aer!.UncorrectableMask[UncorrectableError.MalformedTlp]] = true;
        Assert.Null(layout.Errors.Signal(space, UncorrectableError.MalformedTlp));
        Assert.True(space[layout.Express.Device.FatalErrorDetected]);
        Assert.Equal(ErrorSeverity.Correctable, layout.Errors.Signal(space, CorrectableError.BadTlp));
        space[layout.Aer.CorrectableMask[CorrectableError.BadTlp]] = true;
        Assert.Null(layout.Errors.Signal(space, CorrectableError.BadTlp));
        Assert.True(space[layout.Express.Device.CorrectableErrorDetected]);
    }

    private static (EndpointFunctionLayout Layout, ConfigSpace Space) Make(bool hasAer, ushort deviceControl)
    {
        var layout = new EndpointFunctionLayout(Endpoints.Nvme, capabilities: hasAer ? [new AerCapability()] : []);
        var space = new ConfigSpace(layout);
        space.Write(new(layout.Express.Offset + 8), MaskedDword.Byte(0, (byte)deviceControl));
        return (layout, space);
    }
}
