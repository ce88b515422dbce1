namespace PcieFabric.Iommus;

/// <summary>What an IOMMU does with untranslated requests for addresses that root ports decode: peer-to-peer through the root complex.</summary>
public enum PeerTranslationPolicy
{
    /// <summary>They are translated as all others; what they translate to may be a peer.</summary>
    Translate,

    /// <summary>They pass as they are: devices reach each other's BARs without a mapping, and I/O addresses there cannot be mapped.</summary>
    Bypass,
}
