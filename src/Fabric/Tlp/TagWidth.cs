namespace PcieFabric.Tlps;

/// <summary>How wide the tags of a requester are, as Device Control enables them (PCIe 6.0 table 2-11).</summary>
public enum TagWidth : byte
{
    FiveBits = 5,
    EightBits = 8,
    TenBits = 10,
}
