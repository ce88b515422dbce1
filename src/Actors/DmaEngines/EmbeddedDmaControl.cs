namespace PcieFabric.DmaEngines;

/// <summary>Bits of a channel's control register, the lower five of an element's control too (drivers/dma/dw-edma/dw-edma-v0-core.c: <c>enum dw_edma_control</c>).</summary>
[Flags]
public enum EmbeddedDmaControl : uint
{
    None = 0,

    /// <summary>CB: a data element is to be done where this equals the channel's <see cref="CycleState"/>.</summary>
    CycleBit = 1 << 0,

    /// <summary>TCB: a link turns the channel's cycle state over.</summary>
    ToggleCycleBit = 1 << 1,

    /// <summary>LLP: the element is a link.</summary>
    LoadLinkPointer = 1 << 2,

    /// <summary>LIE: the end of the element, or of a transfer without a list, is told to the endpoint.</summary>
    LocalInterrupt = 1 << 3,

    /// <summary>RIE: it is told to the host.</summary>
    RemoteInterrupt = 1 << 4,

    /// <summary>CS, bits 6:5: read only.</summary>
    Status = 3 << 5,

    /// <summary>CCS: the consumer's cycle state.</summary>
    CycleState = 1 << 8,

    /// <summary>LLE: the channel follows a list.</summary>
    LinkedList = 1 << 9,
}

/// <summary>The status of a channel, in bits 6:5 of its control register.</summary>
public enum EmbeddedDmaStatus : byte
{
    /// <summary>It has not worked yet.</summary>
    Idle = 0,

    Running = 1,

    /// <summary>By an error.</summary>
    Halted = 2,

    /// <summary>All done, or stopped by its doorbell.</summary>
    Stopped = 3,
}
