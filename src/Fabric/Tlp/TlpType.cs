namespace PcieFabric.Tlps;

/// <summary>
/// The Fmt and Type fields together: the first byte of a TLP header, Fmt in bits 7:5 and Type in bits 4:0
/// (PCIe 6.0 table 2-3). The names are the specification's, with the address width where it is part of the format.
/// For messages the routing sub-field (bits 2:0) is held by <see cref="MessageRouting"/> and is zero here.
/// </summary>
public enum TlpType : byte
{
    MRd32 = 0x00,
    MRd64 = 0x20,
    MRdLk32 = 0x01,
    MRdLk64 = 0x21,
    MWr32 = 0x40,
    MWr64 = 0x60,
    IORd = 0x02,
    IOWr = 0x42,
    CfgRd0 = 0x04,
    CfgWr0 = 0x44,
    CfgRd1 = 0x05,
    CfgWr1 = 0x45,
    DMWr32 = 0x5B,
    DMWr64 = 0x7B,
    Msg = 0x30,
    MsgD = 0x70,
    Cpl = 0x0A,
    CplD = 0x4A,
    CplLk = 0x0B,
    CplDLk = 0x4B,
    FetchAdd32 = 0x4C,
    FetchAdd64 = 0x6C,
    Swap32 = 0x4D,
    Swap64 = 0x6D,
    CAS32 = 0x4E,
    CAS64 = 0x6E,
}
