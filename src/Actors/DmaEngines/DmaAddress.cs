namespace PcieFabric.DmaEngines;

/// <summary>One end of a transfer.</summary>
/// <param name="IsOnBus">An address of the bus; otherwise a local one, of memory or in an outbound window.</param>
internal readonly record struct DmaAddress(ulong Address, bool IsOnBus)
{
    public static DmaAddress operator +(DmaAddress start, uint bytes) => start with { Address = start.Address + bytes };
}
