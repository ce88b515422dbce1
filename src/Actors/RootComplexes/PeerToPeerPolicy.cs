namespace PcieFabric.RootComplexes;

/// <summary>What a root complex forwards from one root port to another; PCIe 6.0 section 1.3.1 leaves it to the implementation.</summary>
public enum PeerToPeerPolicy
{
    /// <summary>Nothing: peer requests are Unsupported Requests.</summary>
    None,

    /// <summary>Posted writes only, as several client parts do.</summary>
    WritesOnly,

    /// <summary>Reads and writes, among the root ports of one root complex.</summary>
    SameBridge,

    /// <summary>Reads and writes, to other root complexes of the host too.</summary>
    Full,
}

/// <summary>What the policies mean for a request.</summary>
public static class PeerToPeerPolicies
{
    /// <summary>Whether a root complex forwards such a request at all.</summary>
    public static bool Allows(this PeerToPeerPolicy policy, ref readonly Tlp request) =>
        policy >= PeerToPeerPolicy.SameBridge || (policy == PeerToPeerPolicy.WritesOnly && request.IsMemoryWrite);
}
