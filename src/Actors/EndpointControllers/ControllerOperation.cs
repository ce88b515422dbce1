namespace PcieFabric.EndpointControllers;

/// <summary>What software asks of its controller, under the names of Linux's <c>pci_epc_ops</c>.</summary>
public enum ControllerOperation : byte
{
    None,
    WriteHeader,

    /// <summary>One part of the BAR that the next <see cref="SetBar"/> sets; a message holds no list.</summary>
    AddSubrange,
    SetBar,
    ClearBar,
    AlignAddress,
    MapAddress,
    UnmapAddress,
    SetMsi,
    GetMsi,
    SetMsiX,
    GetMsiX,
    RaiseIrq,
    MapMsiIrq,
    Start,
    Stop,

    /// <summary>The function is bound and has set itself up. When all are, the controller starts if it was told to.</summary>
    Bound,

    /// <summary>A DMA engine is to carry out one transfer; the processor programs it.</summary>
    Transfer,

    /// <summary>Doorbells for the host to ring; the processor sets them up at their devices.</summary>
    AllocateDoorbells,

    /// <summary>A doorbell is masked, unmasked, or given another message.</summary>
    ChangeDoorbell,
}
