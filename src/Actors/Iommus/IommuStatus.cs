namespace PcieFabric.Iommus;

/// <summary>How a command ended.</summary>
public enum IommuStatus : uint
{
    Done,

    /// <summary>Part of the range is mapped already; nothing was changed.</summary>
    AlreadyMapped,

    /// <summary>The range is not one that this IOMMU can map, or translates into the interrupt window, or the domain passes everything through.</summary>
    NotMappable,

    /// <summary>A table of the IOMMU is full; nothing was changed.</summary>
    Full,

    /// <summary>The requester is attached already; or to be detached and is not.</summary>
    WrongAttachment,

    /// <summary>Done, but a function did not answer that it has forgotten its translations.</summary>
    InvalidateTimeout,

    /// <summary>There was no fault to take.</summary>
    NoFault,
}
