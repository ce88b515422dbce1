using PcieFabric.Engine;

namespace PcieFabric.TlpPaths;

/// <summary>
/// Which actors the memory requests of chosen requesters reach, and the completions that they get. Where <see cref="TlpPath"/> keeps every hop of a few
/// transactions, this keeps each actor once, however long the traffic.
/// </summary>
public sealed class TlpWays
{
    private readonly DeterministicEngine _engine;
    private readonly Lock _lock = new();
    private TlpWay[] _watched = [];

    private TlpWays(DeterministicEngine engine) => _engine = engine;

    /// <summary>Before the engine runs.</summary>
    public static TlpWays Watch(DeterministicEngine engine)
    {
        var ways = new TlpWays(engine);
        engine.Observe(partition => new Tap(ways, partition));
        return ways;
    }

    /// <summary>
    /// Follows a requester from now on. Software that does so must do it a link's latency before what it wants to see, as partitions look on their own.
    /// </summary>
    /// <param name="addresses">Of the requests.</param>
    public TlpWay Follow(Bdf requester, AddressRange addresses)
    {
        var way = new TlpWay(_engine, requester, addresses);
        lock (_lock) Volatile.Write(ref _watched, [.. _watched, way]);
        return way;
    }

    /// <summary>Follows it no longer; what was seen is kept.</summary>
    public void Leave(TlpWay way)
    {
        lock (_lock) Volatile.Write(ref _watched, [.. _watched.Where(other => other != way)]);
    }

    private sealed class Tap(TlpWays owner, int partition) : IMessageObserver
    {
        public void Delivered(ref readonly Message message, int channelId, int receiver)
        {
            var watched = Volatile.Read(ref owner._watched);
            if (watched.Length == 0 || !message.CarriesTlp) return;
            foreach (var way in watched) way.Delivered(in message.Tlp, partition, receiver);
        }

        public bool Watches(int receiver) => Volatile.Read(ref owner._watched).Length > 0;
    }
}
