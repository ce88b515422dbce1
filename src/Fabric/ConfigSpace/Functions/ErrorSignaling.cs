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

    /// <param name="physical">Of a virtual function: the physical function, whose enables count (section 9.4.1).</param>
    /// <returns>The message to send, or null.</returns>
    public ErrorSeverity? Signal(ConfigSpace space, CorrectableError error, ConfigSpace? physical = null)
    {
        space[_device.CorrectableErrorDetected] = true;
        var (control, controls) = Governing(space, physical);
        var isMasked = _aer is not null && _aer.Record(space, error, control.Masks(controls)) is null;
        return !isMasked && controls[control._device.CorrectableErrorReportingEnable] ? ErrorSeverity.Correctable : null;
    }

    /// <param name="header">DWs of the header of the TLP to blame, four at most; empty if there is none.</param>
    /// <param name="isAdvisory">
    /// Someone else is told already, for instance the requester by a completion with UR or CA: the error is signalled as
    /// correctable unless software made it fatal (section 6.2.3.2.4).
    /// </param>
    /// <param name="physical">Of a virtual function: the physical function, whose enables count (section 9.4.1).</param>
    /// <returns>The message to send, or null.</returns>
    public ErrorSeverity? Signal(ConfigSpace space, UncorrectableError error, ReadOnlySpan<uint> header = default, bool isAdvisory = false, ConfigSpace? physical = null)
    {
        var (control, controls) = Governing(space, physical);
        var isFatal = control._aer is null ? UncorrectableErrors.IsFatalByDefault(error) : controls[control._aer.UncorrectableSeverity[error]];
        var isUnsupportedRequest = error == UncorrectableError.UnsupportedRequest;
        if (isUnsupportedRequest) space[_device.UnsupportedRequestDetected] = true;
        if (isAdvisory && !isFatal) return SignalAdvisory(space, error, header, control, controls);

        space[isFatal ? _device.FatalErrorDetected : _device.NonFatalErrorDetected] = true;
        if (_aer is not null && _aer.Record(space, error, header, control.Masks(controls)) is null) return null;
        var serr = controls[control._command.SerrEnable];
        var isEnabled = serr || controls[isFatal ? control._device.FatalErrorReportingEnable : control._device.NonFatalErrorReportingEnable];
        if (isUnsupportedRequest) isEnabled &= serr || controls[control._device.UnsupportedRequestReportingEnable];
        if (!isEnabled) return null;
        if (serr) space[_status.SystemError] = true;
        return isFatal ? ErrorSeverity.Fatal : ErrorSeverity.NonFatal;
    }

    private ErrorSeverity? SignalAdvisory(ConfigSpace space, UncorrectableError error, ReadOnlySpan<uint> header, ErrorSignaling control, ConfigSpace controls)
    {
        space[_device.CorrectableErrorDetected] = true;
        if (_aer is not null)
        {
            if (_aer.Record(space, CorrectableError.AdvisoryNonFatal, control.Masks(controls)) is null) return null;
            _aer.Record(space, error, header, control.Masks(controls));
        }
        var isEnabled = controls[control._device.CorrectableErrorReportingEnable];
        if (error == UncorrectableError.UnsupportedRequest) isEnabled &= controls[control._device.UnsupportedRequestReportingEnable];
        return isEnabled ? ErrorSeverity.Correctable : null;
    }

    private (ErrorSignaling Control, ConfigSpace Controls) Governing(ConfigSpace space, ConfigSpace? physical) =>
        physical is null ? (this, space) : (((FunctionLayout)physical.Layout).Errors, physical);

    private (AerCapability Masks, ConfigSpace Space)? Masks(ConfigSpace space) => _aer is { } aer ? (aer, space) : null;
}
