namespace PcieFabric.Recording;

/// <summary>Holds what a replay does against what the journal has.</summary>
internal abstract class Comparison : RunSink
{
    public Divergence? Divergence { get; protected set; }

    /// <summary>The journal has nothing more that could be compared.</summary>
    public bool IsOver { get; protected set; }

    /// <summary>It is over, or has found a difference.</summary>
    public bool IsDecided => IsOver || Divergence is not null;

    public abstract long Compared { get; }

    public long ComparedUntilPs { get; protected set; }

    /// <summary>No actor runs: a replay that has told enough ends here.</summary>
    public override void TurnEnded()
    {
        if (IsDecided) throw new ReplayStoppedException();
    }

    /// <summary>The replay has ended: what the journal still has is missing.</summary>
    public abstract void Finish();
}
