namespace PcieFabric.ConfigSpaces;

/// <summary>The error bits of Status (0x06) and, in a bridge, of Secondary Status (0x1E): PCIe 6.0 sections 7.5.1.1.4 and 7.5.1.3.7.</summary>
public class StatusRegister
{
    internal StatusRegister(Register status, string systemError)
    {
        MasterDataParityError = status.Flag(8, "Master Data Parity Error", Access.WriteOneToClear);
        SignaledTargetAbort = status.Flag(11, "Signaled Target Abort", Access.WriteOneToClear);
        ReceivedTargetAbort = status.Flag(12, "Received Target Abort", Access.WriteOneToClear);
        ReceivedMasterAbort = status.Flag(13, "Received Master Abort", Access.WriteOneToClear);
        SystemError = status.Flag(14, systemError, Access.WriteOneToClear);
        DetectedParityError = status.Flag(15, "Detected Parity Error", Access.WriteOneToClear);
    }

    /// <summary>A poisoned completion was received or a poisoned request sent, with Parity Error Response set.</summary>
    public Flag MasterDataParityError { get; }

    /// <summary>The function completed a request with Completer Abort.</summary>
    public Flag SignaledTargetAbort { get; }

    /// <summary>A request of the function was completed with Completer Abort.</summary>
    public Flag ReceivedTargetAbort { get; }

    /// <summary>A request of the function was completed with Unsupported Request.</summary>
    public Flag ReceivedMasterAbort { get; }

    /// <summary>ERR_FATAL or ERR_NONFATAL was sent (primary side) or received (secondary side).</summary>
    public Flag SystemError { get; }

    /// <summary>A poisoned TLP was received.</summary>
    public Flag DetectedParityError { get; }
}

/// <summary>Status, at 0x06: adds what only the primary side has.</summary>
public sealed class PrimaryStatusRegister : StatusRegister
{
    internal PrimaryStatusRegister(Register status)
        : base(status, "Signaled System Error")
    {
        InterruptStatus = status.Flag(3, "Interrupt Status", Access.Status);
        CapabilitiesList = status.Flag(4, "Capabilities List", Access.ReadOnly, reset: true);
    }

    /// <summary>An INTx is pending inside the function, whatever Interrupt Disable says.</summary>
    public Flag InterruptStatus { get; }

    public Flag CapabilitiesList { get; }
}
