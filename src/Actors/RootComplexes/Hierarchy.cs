namespace PcieFabric.RootComplexes;

/// <summary>One root complex of a host: a segment, the address windows that its root ports may decode, and which of the host's ports are its own.</summary>
/// <param name="Memory">Below 4 GiB.</param>
/// <param name="Prefetchable">64-bit.</param>
/// <param name="FirstPort">Its ports are numbered on from here among all of the host's.</param>
public sealed record Hierarchy(string Name, int Segment, AddressRange Memory, AddressRange Prefetchable, AddressRange Io, PeerToPeerPolicy PeerToPeer, int FirstPort, int Ports)
{
    /// <summary>The device at 00.0 of its root bus.</summary>
    public HostBridge HostBridge { get; init; }

    /// <summary>The host bridge answers configuration requests.</summary>
    public bool ShowsHostBridge { get; init; }

    /// <summary>The pairs of functions that guards are to let pass; null where there are no guards.</summary>
    public IReadOnlyList<PeerPair>? PeerAllow { get; init; }

    public bool Owns(int port) => port >= FirstPort && port < FirstPort + Ports;
}
