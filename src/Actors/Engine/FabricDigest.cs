using PcieFabric.Journals;

namespace PcieFabric.Engine;

/// <summary>One number for all that a fabric's actors received: equal for equal runs, whatever the partitions and threads.</summary>
public sealed class FabricDigest
{
    private readonly Digest[] _digests;

    private FabricDigest(int actors)
    {
        _digests = new Digest[actors];
        Array.Fill(_digests, new Digest(0));
    }

    /// <summary>Starts to watch an engine whose actors are all there.</summary>
    public static FabricDigest Of(DeterministicEngine engine)
    {
        var digest = new FabricDigest(engine.Actors);
        engine.Observe(_ => new Observer(digest._digests));
        return digest;
    }

    /// <summary>The same number as a journal of the run ends with. While the engine stands still.</summary>
    public ulong Value => Over(_digests);

    internal static ulong Over(ReadOnlySpan<Digest> actors)
    {
        var all = new Digest(0);
        foreach (var digest in actors) all.Add(digest.Value);
        return all.Value;
    }

    public override string ToString() => Value.ToString("x16");

    private sealed class Observer(Digest[] digests) : IMessageObserver
    {
        public void Delivered(ref readonly Message message, int channelId, int receiver) => message.AddTo(ref digests[receiver]);
    }
}
