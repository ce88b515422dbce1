namespace PcieFabric.Experiments;

/// <summary>What was recorded of one function's operations in one direction.</summary>
/// <param name="Group">Logs of one group share links; the groups of different hosts do not.</param>
/// <param name="IsRead">The direction of the data.</param>
/// <param name="WarmUp">Operations, the first ones, that are not measured.</param>
/// <param name="StartsPs">In picoseconds, by operation; negative for what did not happen.</param>
/// <param name="EndsPs">Likewise.</param>
/// <param name="Arrivals">Of payload, in whole DWs as TLPs carry it.</param>
/// <param name="CarriedBytes">Payload of one operation, in whole DWs.</param>
/// <param name="Failed">Operations that ended badly.</param>
internal sealed record OperationLog(string Group, bool IsRead, int WarmUp, long[] StartsPs, long[] EndsPs, ArrivalLog Arrivals, int CarriedBytes, int Failed);
