namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>The kind of DMA channel that a function of the controller can get.</summary>
public enum DmaSupport : byte
{
    None,

    /// <summary>From local address to local address; what is the host's goes through an outbound window.</summary>
    MemoryCopy,

    /// <summary>Between local memory and the bus, one channel for each direction, as in DesignWare's eDMA: it cannot copy from host to host.</summary>
    Slave,
}
