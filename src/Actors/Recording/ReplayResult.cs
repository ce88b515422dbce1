using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>What a replay found.</summary>
/// <param name="Divergence">Null if all is as it was recorded.</param>
/// <param name="Messages">That were compared; with an actor alone, those that it sent.</param>
/// <param name="Digests">That were compared, one for each actor and interval.</param>
/// <param name="ComparedUntil">Virtual time of the last that was compared.</param>
public sealed record ReplayResult(JournalRun Run, Divergence? Divergence, long Messages, long Digests, SimTime ComparedUntil)
{
    /// <summary>Messages that had to be compared in words, as the comparison in place did not find them equal. None, where none differs.</summary>
    internal long ComparedExactly { get; init; }
}
