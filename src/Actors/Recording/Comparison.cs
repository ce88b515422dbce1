using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Holds what a replay does against what the journal has.</summary>
internal abstract class Comparison : IRunSink
{
    public Divergence? Divergence { get; protected set; }

    /// <summary>The journal has nothing more that could be compared.</summary>
    public bool IsOver { get; protected set; }

    public virtual long Compared { get; protected set; }

    public long ComparedUntilPs { get; protected set; }

    public virtual void Message(ref readonly Message message, int channelId)
    {
    }

    public virtual void Digests(long fromPs, long toPs, ReadOnlySpan<ActorDigest> digests)
    {
    }

    public void TurnEnded()
    {
        if (IsOver || Divergence is not null) throw new ReplayStoppedException();
    }

    /// <summary>The replay has ended: what the journal still has is missing.</summary>
    public abstract void Finish();
}
