namespace PcieFabric.Iommus;

/// <summary>Why an IOMMU refused a request.</summary>
public enum IommuFaultKind : byte
{
    None,

    /// <summary>The requester, with this PASID or without one, is attached to no domain.</summary>
    NotAttached,

    /// <summary>The domain maps nothing there, or the address has more than 48 bits.</summary>
    NotMapped,

    /// <summary>A read or AtomicOp where the mapping does not permit reading.</summary>
    ReadForbidden,

    /// <summary>A write or AtomicOp where the mapping does not permit writing.</summary>
    WriteForbidden,

    /// <summary>A request with a translated address from a function that may not use ATS.</summary>
    TranslatedForbidden,

    /// <summary>A translation request from a function that may not use ATS.</summary>
    TranslationRequestForbidden,

    /// <summary>An access to the interrupt window that is no write without PASID, or one at all where the policy blocks them.</summary>
    InterruptForbidden,

    /// <summary>A function did not answer an Invalidate Request in time; the address is the beginning of the range.</summary>
    InvalidateTimeout,
}
