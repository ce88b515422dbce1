namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>The DMA engine beside a controller.</summary>
/// <param name="WriteChannels">Of an embedded engine, from local memory to the bus: 1 to 8.</param>
/// <param name="ReadChannels">Of an embedded engine, from the bus to local memory: 1 to 8.</param>
public sealed record DmaProfile(DmaKind Kind, int WriteChannels = 0, int ReadChannels = 0)
{
    public static readonly DmaProfile None = new(DmaKind.None);
}

/// <summary>Kinds of DMA engines.</summary>
public enum DmaKind : byte
{
    /// <summary>Functions copy by themselves.</summary>
    None,

    /// <summary>From local address to local address; what is the host's goes through an outbound window.</summary>
    MemoryCopy,

    /// <summary>DesignWare's eDMA, between local memory and the bus: its driver cannot copy from host to host.</summary>
    Embedded,
}
