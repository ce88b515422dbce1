namespace PcieFabric.RootComplexes.PeerToPeer;

/// <summary>How a client reaches a provider's memory (Linux 7.2 drivers/pci/p2pdma.c, enum pci_p2pdma_map_type).</summary>
public enum PeerMapType
{
    /// <summary>NOT_SUPPORTED: by way of a root complex that is not known to forward.</summary>
    NotSupported,

    /// <summary>BUS_ADDR: below a common bridge; the client uses bus addresses, and the requests never reach a root complex.</summary>
    BusAddress,

    /// <summary>THRU_HOST_BRIDGE: through a root complex that forwards; the client uses addresses as for memory.</summary>
    ThroughHostBridge,
}
