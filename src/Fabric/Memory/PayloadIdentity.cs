namespace PcieFabric.Memory;

/// <summary>Which payload it is, whatever it says: the same at every hop of a TLP's way, and never that of another one. Of no payload in a pool, all zero.</summary>
/// <param name="Block">Number of the block that has it now: small, so that a table can have a place for each.</param>
/// <param name="Rental">No other payload of the fabric has it. It is not the same from run to run.</param>
public readonly record struct PayloadIdentity(int Block, ulong Rental)
{
    /// <summary>There is no such payload: no data, or so little that the TLP has it itself.</summary>
    public bool IsNone => Rental == 0;
}
