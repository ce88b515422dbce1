namespace PcieFabric.Tlps;

/// <summary>The first rule that a TLP breaks. Whoever receives such a TLP handles it as a Malformed TLP (PCIe 6.0 section 6.2.3.4) unless the value says otherwise.</summary>
public enum TlpViolation : byte
{
    None = 0,

    /// <summary>The payload is longer than Max_Payload_Size (PCIe 6.0 section 2.2.2).</summary>
    PayloadExceedsMaxPayloadSize,

    /// <summary>A read asks for more than Max_Read_Request_Size: the requester's fault, which receivers do not check (PCIe 6.0 section 2.2.7.1).</summary>
    ReadExceedsMaxReadRequestSize,

    /// <summary>The access crosses an aligned 4 KiB boundary (PCIe 6.0 section 2.2.7.1).</summary>
    CrossesFourKiB,

    /// <summary>A 64-bit address format with an address below 4 GiB (PCIe 6.0 section 2.2.4.1).</summary>
    FourDwHeaderBelowFourGiB,

    /// <summary>First DW byte enables are zero in a request of several DW (PCIe 6.0 section 2.2.5.1).</summary>
    FirstByteEnablesEmpty,

    /// <summary>Last DW byte enables are zero in a request of several DW (PCIe 6.0 section 2.2.5.1).</summary>
    LastByteEnablesEmpty,

    /// <summary>Last DW byte enables are not zero in a request of one DW (PCIe 6.0 section 2.2.5.1).</summary>
    LastByteEnablesOfOneDw,

    /// <summary>A gap between enabled bytes, where neither one DW nor one aligned QW allows it (PCIe 6.0 section 2.2.5.1).</summary>
    ByteEnablesNotContiguous,

    /// <summary>TH on a read or deferrable write whose byte enables are not all set, as its steering tag implies (PCIe 6.0 section 2.2.5.1).</summary>
    HintsNeedAllByteEnables,

    /// <summary>AT is 11b (PCIe 6.0 table 10-1).</summary>
    ReservedAddressType,

    /// <summary>A Translation Request that is no Memory Read (PCIe 6.0 section 10.2.2).</summary>
    TranslationRequestNotARead,

    /// <summary>An I/O or configuration request of another length than one DW (PCIe 6.0 section 2.2.7.1).</summary>
    LengthNotOneDw,

    /// <summary>TC is not zero in an I/O or configuration request, or in a message that must use TC0 (PCIe 6.0 sections 2.2.7.1 and 2.2.8).</summary>
    TrafficClassNotZero,

    /// <summary>Relaxed Ordering or No Snoop in an I/O or configuration request (PCIe 6.0 section 2.2.7.1).</summary>
    AttributesNotZero,

    /// <summary>An AtomicOp of no architected operand size (PCIe 6.0 table 2-15).</summary>
    AtomicOperandSize,

    /// <summary>An AtomicOp address that is not aligned to its operand (PCIe 6.0 section 2.2.7.1).</summary>
    AtomicNotAligned,

    /// <summary>A message with another routing than its code prescribes (PCIe 6.0 section 2.2.8).</summary>
    MessageRoutingMismatch,

    /// <summary>A message with data whose code forbids them, or the reverse, or of the wrong length (PCIe 6.0 section 2.2.8).</summary>
    MessageDataMismatch,

    /// <summary>A PASID prefix on something that is neither a memory request nor one of the address translation messages (PCIe 6.0 section 6.20.2).</summary>
    PasidNotAllowed,

    /// <summary>A completion with data and a status other than Successful Completion (PCIe 6.0 section 2.2.9).</summary>
    DataWithoutSuccess,

    /// <summary>A completion carries more DWs than its byte count says remain (PCIe 6.0 section 2.3.1.1).</summary>
    CompletionExceedsByteCount,

    /// <summary>A completion that is not the last one of its request ends off a 64-byte boundary, the smallest Read Completion Boundary (PCIe 6.0 section 2.3.1.1).</summary>
    CompletionEndsOffBoundary,
}
