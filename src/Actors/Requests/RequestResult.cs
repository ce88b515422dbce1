namespace PcieFabric.Requests;

/// <summary>How a transfer ended.</summary>
/// <param name="Status">The first status other than success that a completion bore.</param>
/// <param name="TimedOut">A completion did not come in time (PCIe 6.0 section 2.8).</param>
/// <param name="Poisoned">Data came with the EP bit (PCIe 6.0 section 2.7.2).</param>
/// <param name="Value">Configuration and I/O reads: the DW. AtomicOps: the original value.</param>
/// <param name="IsCutShort">Some of it was not even asked for (<see cref="Requester.CutShort"/>).</param>
public readonly record struct RequestResult(CompletionStatus Status, bool TimedOut, bool Poisoned, ulong Value, bool IsCutShort = false)
{
    public bool IsSuccess => Status == CompletionStatus.SuccessfulCompletion && !TimedOut && !Poisoned && !IsCutShort;
}
