namespace PcieFabric.Tlps;

/// <summary>AT field of memory requests (PCIe 6.0 table 10-1).</summary>
public enum AddressType : byte
{
    Untranslated = 0,
    TranslationRequest = 1,
    Translated = 2,
}
