namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>Which errors functions report to the root complex: bits 3:0 of Device Control (PCIe 6.0 section 7.5.3.4).</summary>
[Flags]
public enum ErrorReporting : byte
{
    None = 0,
    Correctable = 1,
    NonFatal = 2,
    Fatal = 4,
    UnsupportedRequest = 8,
    All = Correctable | NonFatal | Fatal | UnsupportedRequest,
}
