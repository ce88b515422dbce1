namespace PcieFabric.InterruptControllers;

/// <summary>What became of one access to registers that ring. Each has a name, so that none is lost in silence.</summary>
public enum RingOutcome : byte
{
    /// <summary>It became an interrupt of the function's software, or the message that becomes one.</summary>
    Delivered,

    /// <summary>It was masked and is pending now.</summary>
    Pending,

    /// <summary>It was pending or asserted already, so the two are one.</summary>
    Coalesced,

    /// <summary>There is no such doorbell of the function: never allocated, or freed.</summary>
    Unknown,

    /// <summary>The message of the doorbell is for no interrupt controller.</summary>
    Misdirected,

    /// <summary>Not a whole DW.</summary>
    Partial,

    /// <summary>A write to what is no doorbell, or is not the writer's to write.</summary>
    Foreign,

    /// <summary>A read by the host; it sees zero.</summary>
    Read,
}
