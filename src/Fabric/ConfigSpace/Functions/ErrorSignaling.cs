using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.ConfigSpaces.Functions;

/// <summary>
/// What a function does with an error that it finds: which of its registers remember it, and which message, if any, goes to
/// the root complex (PCIe 6.0 section 6.2.5, the flowchart of figure 6-2). Works with and without AER.
/// </summary>
public sealed class ErrorSignaling
{
    private readonly CommandRegister _command;
    private readonly PrimaryStatusRegister _status;
    private readonly PciExpressDevice _device;
    private readonly AerCapability? _aer;

    internal ErrorSignaling(Header header, PciExpressDevice device, AerCapability? aer) =>
        (_command, _status, _device, _aer) = (header.Command, header.Status, device, aer);

    /// <returns>The message to send, or null.</returns>
    public ErrorSeverity? Signal(ConfigSpace space, CorrectableError error)
    {
        space[_device.CorrectableErrorDetected] = true;
        var isMasked = _aer is not null && _aer.Record(space, error) is null;
        return !isMasked && space[_device.CorrectableErrorReportingEnable] ? ErrorSeverity.Correctable : null;
    }

    /// <param name="header">DWs of the header of the TLP to blame, four at most; empty if there is none.</param>
    /// <param name="isAdvisory">
    /// Someone else is told already, for instance the requester by a completion with UR or CA: the error is signalled as
    /// correctable unless software made it fatal (section 6.2.3.2.4).
    /// </param>
    /// <returns>The message to send, or null.</returns>
    public ErrorSeverity? Signal(ConfigSpace space, UncorrectableError error, ReadOnlySpan<uint> header = default, bool isAdvisory = false)
    {
        var isFatal = _aer is null ? UncorrectableErrors.IsFatalByDefault(error) : space[_aer.UncorrectableSeverity[error]];
        var isUnsupportedRequest = error == UncorrectableError.UnsupportedRequest;
        if (isUnsupportedRequest) space[_device.UnsupportedRequestDetected] = true;
        if (isAdvisory && !isFatal) return SignalAdvisory(space, error, header);

        space[isFatal ? _device.FatalErrorDetected : _device.NonFatalErrorDetected] = true;
        if (_aer is not null && _aer.Record(space, error, header) is null) return null;
        var serr = space[_command.SerrEnable];
        var isEnabled = serr || space[isFatal ? _device.FatalErrorReportingEnable : _device.NonFatalErrorReportingEnable];
        if (isUnsupportedRequest) isEnabled &= serr || space[_device.UnsupportedRequestReportingEnable];
        if (!isEnabled) return null;
        if (serr) space[_status.SystemError] = true;
        return isFatal ? ErrorSeverity.Fatal : ErrorSeverity.NonFatal;
    }

    private ErrorSeverity? SignalAdvisory(ConfigSpace space, UncorrectableError error, ReadOnlySpan<uint> header)
    {
        space[_device.CorrectableErrorDetected] = true;
        if (_aer is not null)
        {
            if (_aer.Record(space, CorrectableError.AdvisoryNonFatal) is null) return null;
            _aer.Record(space, error, header);
        }
        var isEnabled = space[_device.CorrectableErrorReportingEnable];
        if (error == UncorrectableError.UnsupportedRequest) isEnabled &= space[_device.UnsupportedRequestReportingEnable];
        return isEnabled ? ErrorSeverity.Correctable : null;
    }
}
