using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Experiments;

/// <summary>
/// A fingerprint of each actor's messages in the order in which it got them. That order is the same for any number of partitions and threads, and so is what the
/// actors' fingerprints make together.
/// </summary>
internal sealed class DigestObserver : IMessageObserver
{
    private readonly Digest[] _byReceiver;

    /// <param name="byReceiver">One for each actor. An actor is in one partition only, so that the observers of all partitions may share them.</param>
    public DigestObserver(Digest[] byReceiver) => _byReceiver = byReceiver;

    public void Delivered(ref readonly Message message, int channelId, int receiver) => message.AddTo(ref _byReceiver[receiver]);

    public static ulong Together(IEnumerable<Digest> byReceiver)
    {
        var all = new Digest(0);
        foreach (var one in byReceiver) all.Add(one.Value);
        return all.Value;
    }
}
