using PcieFabric.Engine;

namespace PcieFabric.Ports;

public abstract partial class BridgePort : ITrainStop
{
    bool ITrainStop.TryPass(TrainRoute route, int inlet)
    {
        if (route.Sample.PayloadBytes > _maxPayloadBytes) return false;
        if (inlet == LinkInlet) return route.TryReceiveAt(Link) && (route.Sample.IsCompletion ? TryFindWayBack(route, out var peer) : TryFindWay(route, out peer)) && route.TryGoTo(_peers[peer], Settings.Latency);
        var from = inlet - FirstPeerInlet;
        return Link.AllowsTrains && MaySend(route) && route.TryBeFreedBy(_sources, from) && route.TryLeaveBy(Link.Transmitter, from);
    }

    /// <summary>To which peer all TLPs of a train go that come by the link; false where one may be refused or sent elsewhere.</summary>
    private protected abstract bool TryFindWay(TrainRoute route, out int peer);

    /// <summary>To which peer all completions of a train go that come by the link.</summary>
    private protected abstract bool TryFindWayBack(TrainRoute route, out int peer);

    /// <summary>What peers send leaves by the link, whatever it is.</summary>
    private protected virtual bool MaySend(TrainRoute route) => true;
}
