using PcieFabric.Endpoints;
using PcieFabric.Engine;

namespace PcieFabric.Experiments;

/// <summary>
/// A protocol analyser in front of one destination, a host's memory or an endpoint: sees when writes arrive and changes nothing. Its owner
/// is one host, which says what to watch before it lets the writes be sent, so that a link lies between the two even if partitions do.
/// </summary>
internal sealed class WriteTap(int receiver, int? inlet)
{
    private Dictionary<Bdf, WriteStream[]> _streams = [];

    /// <summary>The destination's index among the engine's actors.</summary>
    public int Receiver => receiver;

    /// <summary>In front of an endpoint, whose own functions send to it too.</summary>
    public static WriteTap BeforeEndpoint(int receiver) => new(receiver, Endpoint.LinkInlet);

    public static WriteTap BeforeMemory(int receiver) => new(receiver, inlet: null);

    /// <summary>Watches these, and no others any more.</summary>
    public void Watch(IEnumerable<WriteStream> streams) =>
        Volatile.Write(ref _streams, streams.GroupBy(stream => stream.Requester).ToDictionary(group => group.Key, group => group.ToArray()));

    public void Delivered(ref readonly Message message)
    {
        if (message.Kind is not (MessageKind.Tlp or MessageKind.OwnTlp) || !message.Tlp.IsMemoryWrite || (inlet is { } only && message.Inlet != only)) return;
        if (!Volatile.Read(ref _streams).TryGetValue(message.Tlp.Requester, out var streams)) return;
        foreach (var stream in streams)
        {
            if (!stream.Covers(message.Tlp.Address)) continue;
            stream.Arrived(in message.Tlp, message.DeliveredAtPs);
            return;
        }
    }
}

/// <summary>The taps of one partition.</summary>
internal sealed class WriteTaps : IMessageObserver
{
    private readonly WriteTap?[] _byReceiver;

    public WriteTaps(IEnumerable<WriteTap> taps, int receivers)
    {
        _byReceiver = new WriteTap?[receivers];
        foreach (var tap in taps) _byReceiver[tap.Receiver] = tap;
    }

    public void Delivered(ref readonly Message message, int channelId, int receiver) => _byReceiver[receiver]?.Delivered(in message);
}
