namespace PcieFabric.RootComplexes;

/// <summary>What a root complex forwards from one root port to another; PCIe 6.0 section 1.3.1 leaves it to the implementation.</summary>
public enum PeerToPeerPolicy
{
    /// <summary>Nothing: peer requests are Unsupported Requests.</summary>
    None,

    /// <summary>Posted writes only, as several client parts do.</summary>
    WritesOnly,

    /// <summary>Reads and writes.</summary>
    Full,
}
