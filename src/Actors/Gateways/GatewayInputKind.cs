namespace PcieFabric.Gateways;

/// <summary>What a gateway can be told beside accesses.</summary>
public enum GatewayInputKind : byte
{
    None = 0,

    /// <summary>A function is a guest's from now on: its requests are for the guest's memory.</summary>
    Claim,

    /// <summary>All functions of a hierarchy are a guest's.</summary>
    ClaimHierarchy,

    /// <summary>The guest is gone: its functions are nobody's, and its reads under way fail.</summary>
    Release,

    /// <summary>The guest has a BAR of another of its functions at a range of addresses.</summary>
    OpenPeer,

    /// <summary>The range of a peer that starts at the address is no more.</summary>
    ClosePeer,
}
