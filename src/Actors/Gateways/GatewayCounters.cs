namespace PcieFabric.Gateways;

/// <summary>What a gateway has seen. To be read when the engine stands still.</summary>
public sealed class GatewayCounters
{
    public long Accesses { get; set; }

    /// <summary>That ended with something other than success.</summary>
    public long FailedAccesses { get; set; }

    /// <summary>In whole DWs, as requests are.</summary>
    public long BytesRead { get; set; }

    /// <inheritdoc cref="BytesRead"/>
    public long BytesWritten { get; set; }

    public long Interrupts { get; set; }

    /// <summary>Requests for another function of the same guest.</summary>
    public long PeerRequests { get; set; }

    /// <summary>Requests for memory that the guest does not have, or not so.</summary>
    public long Faults { get; set; }
}
