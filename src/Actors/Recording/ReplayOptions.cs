using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>How to replay a journal.</summary>
public sealed record ReplayOptions
{
    public static readonly ReplayOptions Default = new();

    /// <summary>Makes the run anew. Null for what the journal's own sources say; a journal without sources needs it.</summary>
    public Func<JournalRun, FabricRun>? Rebuild { get; init; }

    /// <summary>Compare what comes before this time, and stop there.</summary>
    public SimTime? Until { get; init; }

    /// <summary>Run this one actor alone: feed it what it got, compare what it sends. The journal must have messages.</summary>
    public string? Actor { get; init; }

    /// <summary>Replay a journal that ends early, up to its end.</summary>
    public bool AllowTruncated { get; init; }
}
