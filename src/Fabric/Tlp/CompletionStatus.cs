namespace PcieFabric.Tlps;

/// <summary>Completion Status field (PCIe 6.0 table 2-37). Reserved values are treated as <see cref="UnsupportedRequest"/>.</summary>
public enum CompletionStatus : byte
{
    SuccessfulCompletion = 0,
    UnsupportedRequest = 1,
    /// <summary>Called Configuration Request Retry Status (CRS) before PCIe 5.0.</summary>
    RequestRetryStatus = 2,
    CompleterAbort = 4,
}
