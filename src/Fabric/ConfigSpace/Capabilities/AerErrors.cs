namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Bits of the AER uncorrectable error registers (PCIe 6.0 section 7.8.4.2).</summary>
public enum UncorrectableError : byte
{
    DataLinkProtocol = 4,
    SurpriseDown = 5,
    PoisonedTlpReceived = 12,
    FlowControlProtocol = 13,
    CompletionTimeout = 14,
    CompleterAbort = 15,
    UnexpectedCompletion = 16,
    ReceiverOverflow = 17,
    MalformedTlp = 18,
    Ecrc = 19,
    UnsupportedRequest = 20,
    AcsViolation = 21,
    UncorrectableInternal = 22,
    McBlockedTlp = 23,
    AtomicOpEgressBlocked = 24,
    TlpPrefixBlocked = 25,
    PoisonedTlpEgressBlocked = 26,
}

/// <summary>What the specification says of uncorrectable errors before software says otherwise.</summary>
public static class UncorrectableErrors
{
    /// <summary>Fatal unless software says otherwise (PCIe 6.0 section 6.2.7): the link or the device itself can no longer be trusted.</summary>
    internal static ReadOnlySpan<UncorrectableError> FatalByDefault =>
    [
        UncorrectableError.DataLinkProtocol,
        UncorrectableError.SurpriseDown,
        UncorrectableError.FlowControlProtocol,
        UncorrectableError.ReceiverOverflow,
        UncorrectableError.MalformedTlp,
        UncorrectableError.UncorrectableInternal,
    ];

    public static bool IsFatalByDefault(UncorrectableError error) => FatalByDefault.Contains(error);
}

/// <summary>Bits of the AER correctable error registers (PCIe 6.0 section 7.8.4.5).</summary>
public enum CorrectableError : byte
{
    Receiver = 0,
    BadTlp = 6,
    BadDllp = 7,
    ReplayNumRollover = 8,
    ReplayTimerTimeout = 12,
    AdvisoryNonFatal = 13,
    CorrectedInternal = 14,
    HeaderLogOverflow = 15,
}

/// <summary>The error messages: ERR_COR, ERR_NONFATAL and ERR_FATAL (PCIe 6.0 section 2.2.8.3).</summary>
public enum ErrorSeverity : byte
{
    Correctable,
    NonFatal,
    Fatal,
}
