namespace PcieFabric.Topologies;

/// <summary>Access Control Services that a port or function can enable, with the bits of the ACS Capability Register (PCIe 6.0 section 7.7.11.2).</summary>
[Flags]
public enum AcsControls
{
    None = 0,
    SourceValidation = 0x01,
    TranslationBlocking = 0x02,
    RequestRedirect = 0x04,
    CompletionRedirect = 0x08,
    UpstreamForwarding = 0x10,
    EgressControl = 0x20,
    DirectTranslated = 0x40,
}
