using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Actors.Tests.Determinism;

/// <summary>A digest of what each actor receives, and of all of them in the order of spawning.</summary>
internal sealed class ActorDigests : IMessageObserver
{
    private readonly Digest[] _digests;

    public ActorDigests(DeterministicEngine engine)
    {
        _digests = new Digest[engine.Paths.Count];
        engine.Observe(_ => this);
    }

    /// <summary>By actor, in the order of spawning.</summary>
    public IReadOnlyList<ulong> Values => [.. _digests.Select(d => d.Value)];

    /// <summary>Partitions share no actor, so none shares a digest.</summary>
    public void Delivered(ref readonly Message message, int channelId, int receiver)
    {
        ref var digest = ref _digests[receiver];
        digest.Add((ulong)channelId);
        message.AddTo(ref digest);
    }
}
