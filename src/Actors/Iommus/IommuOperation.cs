namespace PcieFabric.Iommus;

/// <summary>What host software can ask of an IOMMU.</summary>
public enum IommuOperation : byte
{
    None,
    CreateDomain,
    Attach,
    Detach,
    Map,
    Unmap,
    Invalidate,
    TakeFault,
    UseInterrupt,
}
