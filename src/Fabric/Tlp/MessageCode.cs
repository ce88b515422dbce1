namespace PcieFabric.Tlps;

/// <summary>The Message Codes that the base specification defines and this fabric knows (PCIe 6.0 section 2.2.8 and table F-1), under their own names.</summary>
public enum MessageCode : byte
{
    Unlock = 0x00,
    Invalidate_Request = 0x01,
    Invalidate_Completion = 0x02,
    Page_Request = 0x04,
    PRG_Response = 0x05,
    LTR = 0x10,
    OBFF = 0x12,
    PM_Active_State_Nak = 0x14,
    PM_PME = 0x18,
    PME_Turn_Off = 0x19,
    PME_TO_Ack = 0x1B,
    Assert_INTA = 0x20,
    Assert_INTB = 0x21,
    Assert_INTC = 0x22,
    Assert_INTD = 0x23,
    Deassert_INTA = 0x24,
    Deassert_INTB = 0x25,
    Deassert_INTC = 0x26,
    Deassert_INTD = 0x27,
    ERR_COR = 0x30,
    ERR_NONFATAL = 0x31,
    ERR_FATAL = 0x33,
    Set_Slot_Power_Limit = 0x50,
    PTM_Request = 0x52,
    PTM_Response = 0x53,
    Vendor_Defined_Type_0 = 0x7E,
    Vendor_Defined_Type_1 = 0x7F,
}
