namespace PcieFabric.Tlps;

/// <summary>How a message finds its receiver: bits 2:0 of the Type field (PCIe 6.0 table 2-17).</summary>
public enum MessageRouting : byte
{
    ToRootComplex = 0,
    ByAddress = 1,
    ById = 2,
    BroadcastFromRootComplex = 3,
    Local = 4,
    GatheredToRootComplex = 5,
}
