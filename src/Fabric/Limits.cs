namespace PcieFabric;

/// <summary>Every bound of the fabric, each with its reason. What the specification bounds cites its section; what we bound says why.</summary>
public static class Limits
{
    /// <summary>Largest payload of one TLP, in bytes: 1024 DW (PCIe 6.0 section 2.2.2).</summary>
    public const int MaxPayloadBytes = 4096;

    /// <summary>Longest TLP on the wire, in bytes: PASID prefix, four DW of header, payload, digest (PCIe 6.0 section 2.2.1).</summary>
    public const int MaxTlpBytes = 4 + 16 + MaxPayloadBytes + 4;

    /// <summary>Tags are ten bits wide at most in non-flit mode (PCIe 6.0 section 2.2.6.2); bounds what one requester has outstanding.</summary>
    public const int MaxTags = 1024;

    /// <summary>Configuration space of one function, in bytes (PCIe 6.0 section 7.2).</summary>
    public const int ConfigSpaceBytes = 4096;

    /// <summary>A memory request must not cross an aligned boundary of this many bytes (PCIe 6.0 section 2.2.7).</summary>
    public const int RequestBoundaryBytes = 4096;

    /// <summary>Functions behind one endpoint port: eight, or 256 with ARI (PCIe 6.0 section 6.13).</summary>
    public const int MaxFunctions = 8;

    /// <inheritdoc cref="MaxFunctions"/>
    public const int MaxAriFunctions = 256;
}
