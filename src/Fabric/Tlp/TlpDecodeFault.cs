namespace PcieFabric.Tlps;

/// <summary>What can be wrong with the bytes of a TLP before its fields have a meaning.</summary>
public enum TlpDecodeFault : byte
{
    None = 0,
    /// <summary>Fewer bytes than the prefixes and the three or four DW of the header (PCIe 6.0 section 2.2.1).</summary>
    TruncatedHeader,
    /// <summary>Fewer bytes than the Length field says (PCIe 6.0 section 2.2.2; a Malformed TLP).</summary>
    TruncatedPayload,
    /// <summary>TD is set and no digest follows (PCIe 6.0 section 2.2.3; a Malformed TLP).</summary>
    TruncatedDigest,
    /// <summary>More bytes than Length and TD account for (PCIe 6.0 sections 2.2.2 and 2.2.3; a Malformed TLP).</summary>
    TrailingBytes,
    /// <summary>A Fmt and Type that the specification leaves undefined (PCIe 6.0 table 2-3; a Malformed TLP).</summary>
    UndefinedType,
    /// <summary>A local prefix, or an end-to-end prefix other than PASID (PCIe 6.0 section 2.2.10).</summary>
    UnsupportedPrefix,
    /// <summary>More than one PASID prefix (PCIe 6.0 section 2.2.10.4; a Malformed TLP).</summary>
    RepeatedPrefix,
    /// <summary>The digest does not fit the TLP: an ECRC Error (PCIe 6.0 section 2.7.1).</summary>
    EcrcMismatch,
}
