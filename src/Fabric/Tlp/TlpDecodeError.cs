namespace PcieFabric.Tlps;

/// <summary>Why bytes are no TLP, and at which of them that shows.</summary>
/// <param name="ByteOffset">From the first byte, prefixes included; the length of the bytes where they end too early.</param>
public readonly record struct TlpDecodeError(TlpDecodeFault Fault, int ByteOffset)
{
    public override string ToString() => Fault switch
    {
        TlpDecodeFault.None => "no error",
        TlpDecodeFault.TruncatedHeader => $"the TLP ends inside its header, after {ByteOffset} bytes",
        TlpDecodeFault.TruncatedPayload => $"the TLP ends inside its payload, after {ByteOffset} bytes",
        TlpDecodeFault.TruncatedDigest => $"the TLP ends inside its digest, after {ByteOffset} bytes",
        TlpDecodeFault.TrailingBytes => $"bytes follow the end of the TLP, which is {ByteOffset} bytes long",
        TlpDecodeFault.UndefinedType => "Fmt and Type are no defined combination",
        TlpDecodeFault.UnsupportedPrefix => "the TLP prefix is not PASID",
        TlpDecodeFault.RepeatedPrefix => "the PASID prefix comes twice",
        TlpDecodeFault.EcrcMismatch => "the ECRC is wrong",
        _ => throw new InvalidOperationException($"TlpDecodeFault {(int)Fault} has no text"),
    };
}
