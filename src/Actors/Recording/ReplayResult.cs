using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>What a replay found.</summary>
/// <param name="Divergence">Null if all is as it was recorded.</param>
/// <param name="Messages">That were compared; with an actor alone, those that it sent.</param>
/// <param name="Digests">That were compared, one for each actor and interval.</param>
/// <param name="ComparedUntil">Virtual time of the last that was compared.</param>
public sealed record ReplayResult(JournalRun Run, Divergence? Divergence, long Messages, long Digests, SimTime ComparedUntil);
