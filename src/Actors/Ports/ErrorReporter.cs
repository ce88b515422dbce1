using System.Buffers.Binary;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Ports;

/// <summary>Turns an error that a function found in a TLP into the message that its registers ask for.</summary>
public static class ErrorReporter
{
    /// <param name="offender">The TLP to blame; its header goes to the AER log.</param>
    /// <param name="message">ERR_COR, ERR_NONFATAL or ERR_FATAL, to be sent towards the root complex.</param>
    /// <param name="physical">Of a virtual function: what its physical function holds.</param>
    public static bool TryReport(FunctionLayout layout, ConfigSpace space, Bdf id, UncorrectableError error, ref readonly Tlp offender, out Tlp message, ConfigSpace? physical = null)
    {
        Span<byte> wire = stackalloc byte[TlpCodec.MaxHeaderBytes];
        Span<uint> header = stackalloc uint[TlpCodec.MaxHeaderBytes / 4];
        var dwords = TlpCodec.EncodeHeader(in offender, wire) / 4;
        for (var i = 0; i < dwords; i++) header[i] = BinaryPrimitives.ReadUInt32BigEndian(wire[(4 * i)..]);
        return TryMake(layout.Errors.Signal(space, error, header[..dwords], IsAdvisory(error, in offender), physical), id, out message);
    }

    /// <summary>An error for which no TLP is to blame.</summary>
    /// <inheritdoc cref="TryReport(FunctionLayout, ConfigSpace, Bdf, UncorrectableError, ref readonly Tlp, out Tlp, ConfigSpace?)"/>
    public static bool TryReport(FunctionLayout layout, ConfigSpace space, Bdf id, UncorrectableError error, out Tlp message, ConfigSpace? physical = null) =>
        TryMake(layout.Errors.Signal(space, error, physical: physical), id, out message);

    private static bool TryMake(ErrorSeverity? severity, Bdf id, out Tlp message)
    {
        var code = severity switch
        {
            ErrorSeverity.Correctable => MessageCode.ERR_COR,
            ErrorSeverity.NonFatal => MessageCode.ERR_NONFATAL,
            _ => MessageCode.ERR_FATAL,
        };
        message = severity is null ? default : Tlp.Message(MessageRouting.ToRootComplex, (byte)code, id);
        return severity is not null;
    }

    /// <summary>Somebody else is told: the requester by a completion, or whoever gets an unexpected completion's data or a poisoned TLP in the end (PCIe 6.0 section 6.2.3.2.4).</summary>
    private static bool IsAdvisory(UncorrectableError error, ref readonly Tlp offender) => error switch
    {
        UncorrectableError.UnsupportedRequest or UncorrectableError.CompleterAbort or UncorrectableError.AcsViolation or UncorrectableError.AtomicOpEgressBlocked
            or UncorrectableError.PoisonedTlpReceived => offender.FlowControlClass == FlowControlClass.NonPosted,
        UncorrectableError.UnexpectedCompletion => true,
        _ => false,
    };
}
