namespace PcieFabric.RootComplexes;

/// <summary>What a root complex has seen. To be read when the engine stands still.</summary>
public sealed class RootComplexCounters
{
    public long TlpsFromPorts { get; set; }

    /// <summary>Peer-to-peer: from one root port to another.</summary>
    public long TlpsBetweenPorts { get; set; }

    /// <summary>Peer requests that ACS sent through the root complex's validation: P2P Request Redirect or Upstream Forwarding of a root port.</summary>
    public long TlpsRedirected { get; set; }

    /// <summary>Peer requests that were blocked as ACS Violations, of the root ports that received them.</summary>
    public long AcsViolations { get; set; }

    /// <summary>Payload bytes written to memory, padding included.</summary>
    public long BytesWritten { get; set; }

    public long BytesRead { get; set; }

    /// <summary>Writes with the EP bit: dropped, as memory that cannot mark poison must (PCIe 6.0 section 2.7.2.1).</summary>
    public long PoisonedWrites { get; set; }

    /// <summary>Requests that nothing claims, from devices and from the processor.</summary>
    public long UnsupportedRequests { get; set; }

    public long UnexpectedCompletions { get; set; }

    public long MessagesReceived { get; set; }
}
