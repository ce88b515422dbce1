using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Ports;

/// <summary>
/// Logs an error in a function's registers and says which error message, if any, its settings ask for (PCIe 6.0 section 6.2.5, figure 6-2).
/// </summary>
public static class ErrorReporter
{
    /// <param name="offender">The TLP to blame.</param>
    /// <param name="isAdvisory">A completion tells the requester, so the error is for information only (PCIe 6.0 section 6.2.3.2.4).</param>
    /// <param name="message">ERR_COR, ERR_NONFATAL or ERR_FATAL, to be sent towards the root complex.</param>
    public static bool TryReport(FunctionLayout layout, ConfigSpace space, Bdf id, UncorrectableError error, ref readonly Tlp offender, bool isAdvisory, out Tlp message)
    {
        message = default;
        var device = layout.Express.Device;
        var isUnsupported = error == UncorrectableError.UnsupportedRequest;
        if (isUnsupported) space[device.UnsupportedRequestDetected] = true;
        var severity = Log(layout, space, error, in offender, isAdvisory);
        if (severity is null) return false;
        var serr = space[layout.Header.Command.SerrEnable];
        var (detected, enabled, code) = severity switch
        {
            ErrorSeverity.Correctable => (device.CorrectableErrorDetected, space[device.CorrectableErrorReportingEnable], MessageCode.ERR_COR),
            ErrorSeverity.NonFatal => (device.NonFatalErrorDetected, serr || space[device.NonFatalErrorReportingEnable], MessageCode.ERR_NONFATAL),
            _ => (device.FatalErrorDetected, serr || space[device.FatalErrorReportingEnable], MessageCode.ERR_FATAL),
        };
        space[detected] = true;
        if (!enabled || (isUnsupported && !space[device.UnsupportedRequestReportingEnable])) return false;
        if (severity != ErrorSeverity.Correctable) space[layout.Header.Status.SystemError] = true;
        message = Tlp.Message(MessageRouting.ToRootComplex, (byte)code, id);
        return true;
    }

    /// <returns>What the error counts as; null if it is masked.</returns>
    private static ErrorSeverity? Log(FunctionLayout layout, ConfigSpace space, UncorrectableError error, ref readonly Tlp offender, bool isAdvisory)
    {
        if (layout.Aer is not { } aer) return isAdvisory ? ErrorSeverity.Correctable : error == UncorrectableError.MalformedTlp ? ErrorSeverity.Fatal : ErrorSeverity.NonFatal;
        Span<uint> header = stackalloc uint[4];
        var severity = aer.Record(space, error, HeaderOf(in offender, header));
        if (severity != ErrorSeverity.NonFatal || !isAdvisory) return severity;
        return aer.Record(space, CorrectableError.AdvisoryNonFatal);
    }

    /// <summary>The header as AER logs it: byte 0 in bits 31:24 of the first DW.</summary>
    private static ReadOnlySpan<uint> HeaderOf(ref readonly Tlp tlp, Span<uint> header)
    {
        Span<byte> wire = stackalloc byte[TlpCodec.MaxHeaderBytes];
        var length = TlpCodec.EncodeHeader(in tlp, wire);
        for (var i = 0; i < length / 4; i++) header[i] = BinaryPrimitives.ReadUInt32BigEndian(wire[(4 * i)..]);
        return header[..(length / 4)];
    }
}
