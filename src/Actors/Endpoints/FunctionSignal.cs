namespace PcieFabric.Endpoints;

/// <summary>
/// A function's model asks its endpoint for an interrupt, or to log an error of which only the requester knows. The signal travels as a local message among the model's own TLPs, so that
/// it stays behind the writes that it announces (PCIe 6.0 section 6.1.4); it never leaves the endpoint.
/// </summary>
/// <param name="Vector">Of MSI-X or MSI, whichever software enabled; with <paramref name="TimedOut"/> unused.</param>
/// <param name="IsLevel">INTx: <paramref name="Asserted"/> until taken back.</param>
/// <param name="TimedOut">No interrupt: so many requests waited for their completions in vain.</param>
public readonly record struct FunctionSignal(int Vector, bool IsLevel, bool Asserted, int TimedOut = 0)
{
    public Tlp ToTlp(Bdf requester) => Tlp.Message(
        MessageRouting.Local,
        (byte)MessageCode.Vendor_Defined_Type_1,
        requester,
        header: (uint)Vector | (IsLevel ? 1ul << 32 : 0) | (Asserted ? 1ul << 33 : 0) | (ulong)TimedOut << 34);

    public static FunctionSignal Of(in Tlp signal) =>
        new((int)(uint)signal.MessageHeader, (signal.MessageHeader >> 32 & 1) != 0, (signal.MessageHeader >> 33 & 1) != 0, (int)(signal.MessageHeader >> 34));
}
