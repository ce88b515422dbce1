using PcieFabric.Engine;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.Fabrics;

/// <summary>Keeps what a run of one partition delivers: each message's receiver, time and TLP in words.</summary>
internal sealed class Tap : IMessageObserver
{
    private readonly IReadOnlyList<ActorPath> _paths;
    private readonly Fabric _fabric;

    public Tap(Fabric fabric, bool taps)
    {
        _fabric = fabric;
        _paths = fabric.Engine.Paths;
        if (taps) fabric.Engine.Observe(_ => this);
    }

    public sealed record Seen(SimTime At, string From, string To, MessageKind Kind, Tlp Tlp, string Text);

    public List<Seen> All { get; } = [];

    /// <summary>TLPs between two actors, in the order of arrival.</summary>
    public IEnumerable<Seen> Tlps(string from, string to) => All.Where(s => s.From == from && s.To == to);

    public void Delivered(ref readonly Message message, int channelId, int receiver)
    {
        if (!message.CarriesTlp) return;
        All.Add(new Seen(new SimTime(message.DeliveredAtPs), _fabric.Engine.Ends(channelId).Sender.Value, _paths[receiver].Value, message.Kind, message.Tlp, message.Tlp.ToString()));
    }
}
