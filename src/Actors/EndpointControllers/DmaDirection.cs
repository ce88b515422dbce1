namespace PcieFabric.EndpointControllers;

/// <summary>Which side of a transfer is a bus address (Linux: <c>enum dma_transfer_direction</c>).</summary>
public enum DmaDirection : byte
{
    /// <summary>None: both are local addresses, of memory or in outbound windows.</summary>
    MemoryToMemory,

    /// <summary>The target.</summary>
    MemoryToDevice,

    /// <summary>The source.</summary>
    DeviceToMemory,
}
