namespace PcieFabric.Ports;

/// <summary>What a port or function refused or found wrong. To be read when the engine stands still.</summary>
public sealed class PortCounters
{
    public long UnsupportedRequests { get; set; }
    public long CompleterAborts { get; set; }
    public long UnexpectedCompletions { get; set; }
    public long MalformedTlps { get; set; }
    public long PoisonedTlps { get; set; }
    public long AcsViolations { get; set; }
    public long AtomicOpsBlocked { get; set; }
    public long CompletionTimeouts { get; set; }

    public long Total => UnsupportedRequests + CompleterAborts + UnexpectedCompletions + MalformedTlps + PoisonedTlps + AcsViolations + AtomicOpsBlocked + CompletionTimeouts;

    public void Count(UncorrectableError error)
    {
        switch (error)
        {
            case UncorrectableError.UnsupportedRequest: UnsupportedRequests++; break;
            case UncorrectableError.CompleterAbort: CompleterAborts++; break;
            case UncorrectableError.UnexpectedCompletion: UnexpectedCompletions++; break;
            case UncorrectableError.MalformedTlp: MalformedTlps++; break;
            case UncorrectableError.PoisonedTlpReceived: PoisonedTlps++; break;
            case UncorrectableError.AcsViolation: AcsViolations++; break;
            case UncorrectableError.AtomicOpEgressBlocked: AtomicOpsBlocked++; break;
        }
    }
}
