namespace PcieFabric.Experiments;

/// <summary>What becomes of the addresses that a function's DMA has.</summary>
public enum Translation
{
    /// <summary>They are those of memory: of a host without IOMMU, or in a domain that translates nothing.</summary>
    PassThrough,

    /// <summary>The IOMMU translates each request, in a domain of the function's own in which nothing but its buffers is mapped.</summary>
    Mapped,

    /// <summary>As mapped, but the function asks for translations, keeps them, and sends translated requests.</summary>
    AddressTranslationServices,
}
