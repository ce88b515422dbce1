namespace PcieFabric.Ports;

/// <summary>What ACS decides for a TLP from one peer to another (PCIe 6.0 section 6.12.3).</summary>
public enum PeerRouting : byte
{
    /// <summary>Straight to the peer, as without ACS.</summary>
    Direct,

    /// <summary>Up to the root complex, which may send it down again.</summary>
    Redirected,

    /// <summary>An ACS Violation of the port that received it.</summary>
    Violation,
}
