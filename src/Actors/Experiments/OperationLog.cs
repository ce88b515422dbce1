namespace PcieFabric.Experiments;

/// <summary>When the operations of one function began and ended, in picoseconds, by operation; negative for what did not happen. The first <paramref name="WarmUp"/> are not measured.</summary>
/// <param name="Group">Logs of one group share links; the groups of different hosts do not.</param>
/// <param name="IsRead">The direction of the data.</param>
/// <param name="Failed">Operations that ended badly.</param>
internal sealed record OperationLog(string Group, bool IsRead, int WarmUp, long[] StartsPs, long[] EndsPs, int Failed);
