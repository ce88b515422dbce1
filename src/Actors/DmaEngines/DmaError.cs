namespace PcieFabric.DmaEngines;

/// <summary>Why a DMA engine gave a transfer up.</summary>
public enum DmaError : byte
{
    None,

    /// <summary>A completion said so, or the controller could not send: no window, no link, no Bus Master Enable.</summary>
    UnsupportedRequest,

    CompleterAbort,

    /// <summary>A completion did not come in time (PCIe 6.0 section 2.8).</summary>
    CompletionTimeout,

    /// <summary>Data came with the EP bit (PCIe 6.0 section 2.7.2).</summary>
    PoisonedData,

    /// <summary>The endpoint has nothing at a local address.</summary>
    LocalAddress,

    /// <summary>A descriptor could not be fetched.</summary>
    ListFetch,

    /// <summary>The function on whose behalf it was made was reset, or its link went down.</summary>
    FunctionReset,

    /// <summary>Software said so.</summary>
    Stopped,
}
