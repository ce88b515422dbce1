namespace PcieFabric.Experiments;

/// <summary>Who moves the data of a function on an endpoint controller.</summary>
public enum TransferEngine
{
    /// <summary>The endpoint's processor, through an outbound window.</summary>
    Processor,

    /// <summary>A DMA channel of the controller.</summary>
    Dma,
}
