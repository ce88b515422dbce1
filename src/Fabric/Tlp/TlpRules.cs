namespace PcieFabric.Tlps;

/// <summary>The rules a well-formed TLP keeps, those that receivers must check and those that they may (PCIe 6.0 sections 2.2 and 2.3). Allocates nothing.</summary>
public static class TlpRules
{
    private const ulong FourGiB = 1ul << 32;
    private const int SmallestReadCompletionBoundary = 64;

    /// <summary>Judges one TLP by itself; what depends on an outstanding request is <see cref="TransactionTable{TState}"/>'s.</summary>
    /// <returns>The first rule broken, <see cref="TlpViolation.None"/> when well formed. Message codes without a rule here pass.</returns>
    public static TlpViolation Check(in Tlp tlp, in TlpLimits limits)
    {
        if (tlp.PayloadBytes > limits.MaxPayloadBytes) return TlpViolation.PayloadExceedsMaxPayloadSize;
        if (tlp.HasPasid && !MayCarryPasid(tlp)) return TlpViolation.PasidNotAllowed;
        if (tlp.IsCompletion) return CheckCompletion(tlp);
        if (tlp.IsMessage) return CheckMessage(tlp);
        if (!tlp.IsMemoryRequest) return CheckOneDwRequest(tlp);

        if ((byte)tlp.AddressType == 3) return TlpViolation.ReservedAddressType;
        if (tlp.AddressType == AddressType.TranslationRequest && tlp.Type is not (TlpType.MRd32 or TlpType.MRd64)) return TlpViolation.TranslationRequestNotARead;
        if (tlp.HasFourDwHeader && tlp.Address < FourGiB) return TlpViolation.FourDwHeaderBelowFourGiB;
        if (tlp.IsAtomic) return CheckAtomic(tlp);
        if (tlp.IsMemoryRead && tlp.LengthDw * 4 > limits.MaxReadRequestBytes) return TlpViolation.ReadExceedsMaxReadRequestSize;
        if ((tlp.Address & (Limits.RequestBoundaryBytes - 1)) + (ulong)tlp.LengthDw * 4 > Limits.RequestBoundaryBytes) return TlpViolation.CrossesFourKiB;
        return CheckByteEnables(tlp);
    }

    private static TlpViolation CheckByteEnables(in Tlp tlp)
    {
        int first = tlp.FirstBe, last = tlp.LastBe;
        if (tlp.HasProcessingHints && !tlp.IsMemoryWrite && (first != 15 || last != (tlp.LengthDw == 1 ? 0 : 15))) return TlpViolation.HintsNeedAllByteEnables;
        if (tlp.LengthDw == 1) return last == 0 ? TlpViolation.None : TlpViolation.LastByteEnablesOfOneDw;
        if (first == 0) return TlpViolation.FirstByteEnablesEmpty;
        if (last == 0) return TlpViolation.LastByteEnablesEmpty;
        if (tlp.LengthDw == 2 && (tlp.Address & 7) == 0) return TlpViolation.None;
        var disabledBefore = first ^ 15;
        var reachesEnd = (disabledBefore & (disabledBefore + 1)) == 0;
        var startsAtZero = (last & (last + 1)) == 0;
        return reachesEnd && startsAtZero ? TlpViolation.None : TlpViolation.ByteEnablesNotContiguous;
    }

    private static TlpViolation CheckOneDwRequest(in Tlp tlp)
    {
        if (tlp.LengthDw != 1) return TlpViolation.LengthNotOneDw;
        if (tlp.TrafficClass != 0) return TlpViolation.TrafficClassNotZero;
        if (tlp.RelaxedOrdering || tlp.NoSnoop) return TlpViolation.AttributesNotZero;
        return tlp.LastBe == 0 ? TlpViolation.None : TlpViolation.LastByteEnablesOfOneDw;
    }

    private static TlpViolation CheckAtomic(in Tlp tlp)
    {
        var compares = tlp.Type is TlpType.CAS32 or TlpType.CAS64;
        var legal = compares ? tlp.LengthDw is 2 or 4 or 8 : tlp.LengthDw is 1 or 2;
        if (!legal) return TlpViolation.AtomicOperandSize;
        var operandBytes = tlp.LengthDw * (compares ? 2 : 4);
        return (tlp.Address & (ulong)(operandBytes - 1)) == 0 ? TlpViolation.None : TlpViolation.AtomicNotAligned;
    }

    private static TlpViolation CheckCompletion(in Tlp tlp)
    {
        if (!tlp.HasData) return TlpViolation.None;
        if (tlp.Status != CompletionStatus.SuccessfulCompletion) return TlpViolation.DataWithoutSuccess;
        // A PCI-X completer's byte count covers this packet only.
        if (tlp.ByteCountModified) return TlpViolation.None;
        var remainingDw = ((tlp.LowerAddress & 3) + tlp.ByteCount + 3) / 4;
        if (tlp.LengthDw > remainingDw) return TlpViolation.CompletionExceedsByteCount;
        var end = (tlp.LowerAddress & ~3) + tlp.LengthDw * 4;
        return tlp.LengthDw == remainingDw || end % SmallestReadCompletionBoundary == 0 ? TlpViolation.None : TlpViolation.CompletionEndsOffBoundary;
    }

    private static bool MayCarryPasid(in Tlp tlp) => tlp.IsMessage
        ? (MessageCode)tlp.MessageCode is MessageCode.Invalidate_Request or MessageCode.Page_Request or MessageCode.PRG_Response
        : tlp.IsMemoryRequest;

    private static TlpViolation CheckMessage(in Tlp tlp)
    {
        if (!RoutingFits((MessageCode)tlp.MessageCode, tlp.Routing)) return TlpViolation.MessageRoutingMismatch;
        if (!DataFit((MessageCode)tlp.MessageCode, tlp.HasData, tlp.LengthDw)) return TlpViolation.MessageDataMismatch;
        return tlp.TrafficClass != 0 && NeedsTrafficClassZero((MessageCode)tlp.MessageCode) ? TlpViolation.TrafficClassNotZero : TlpViolation.None;
    }

    private static bool RoutingFits(MessageCode code, MessageRouting routing) => code switch
    {
        MessageCode.Unlock or MessageCode.PME_Turn_Off => routing == MessageRouting.BroadcastFromRootComplex,
        MessageCode.Invalidate_Request or MessageCode.Invalidate_Completion or MessageCode.PRG_Response => routing == MessageRouting.ById,
        MessageCode.Page_Request or MessageCode.PM_PME or MessageCode.ERR_COR or MessageCode.ERR_NONFATAL or MessageCode.ERR_FATAL => routing == MessageRouting.ToRootComplex,
        MessageCode.PME_TO_Ack => routing == MessageRouting.GatheredToRootComplex,
        MessageCode.LTR or MessageCode.OBFF or MessageCode.PM_Active_State_Nak or MessageCode.Set_Slot_Power_Limit
            or MessageCode.PTM_Request or MessageCode.PTM_Response => routing == MessageRouting.Local,
        >= MessageCode.Assert_INTA and <= MessageCode.Deassert_INTD => routing == MessageRouting.Local,
        MessageCode.Vendor_Defined_Type_0 or MessageCode.Vendor_Defined_Type_1 => routing is MessageRouting.ToRootComplex
            or MessageRouting.ById or MessageRouting.BroadcastFromRootComplex or MessageRouting.Local,
        _ => true,
    };

    private static bool DataFit(MessageCode code, bool hasData, int lengthDw) => code switch
    {
        MessageCode.Set_Slot_Power_Limit => hasData && lengthDw == 1,
        MessageCode.Invalidate_Request => hasData && lengthDw == 2,
        MessageCode.Vendor_Defined_Type_0 or MessageCode.Vendor_Defined_Type_1 or MessageCode.PTM_Response => true,
        _ => !Enum.IsDefined(code) || !hasData,
    };

    private static bool NeedsTrafficClassZero(MessageCode code) => code is
        MessageCode.Unlock or MessageCode.Set_Slot_Power_Limit or MessageCode.LTR or MessageCode.OBFF
        or MessageCode.PTM_Request or MessageCode.PTM_Response
        or MessageCode.PM_Active_State_Nak or MessageCode.PM_PME or MessageCode.PME_Turn_Off or MessageCode.PME_TO_Ack
        or MessageCode.ERR_COR or MessageCode.ERR_NONFATAL or MessageCode.ERR_FATAL
        or (>= MessageCode.Assert_INTA and <= MessageCode.Deassert_INTD);
}
