using PcieFabric.InterruptControllers;
using PcieFabric.Ports;

namespace PcieFabric.RootComplexes;

public sealed partial class RootComplex : ITrainStop
{
    /// <summary>Trains from below end in memory, or go to a peer.</summary>
    bool ITrainStop.TryPass(TrainRoute route, int inlet)
    {
        var port = inlet - _firstPortInlet;
        if (_settings.HasIommu || port < 0 || route.Range.Overlaps(HostInterruptController.Window)) return false;
        route.Count((tlps, _) => Counters.TlpsFromPorts += tlps);
        if (_settings.Memory.TryFind(route.Range.Base, route.Range.Size, out var region, out var offset))
        {
            route.Count((_, bytes) => Counters.BytesWritten += bytes);
            return route.TryBeFreedBy(_sources, port) && route.TryEndIn(region, offset);
        }
        return !_settings.Memory.Overlaps(route.Range) && TryGoToPeer(route, port);
    }

    private bool TryGoToPeer(TrainRoute route, int port)
    {
        ref readonly var own = ref _ports[port];
        var hierarchy = _settings.Hierarchies[own.Hierarchy];
        if (!_routes[own.Hierarchy].TryFind(route.Range, out var peer) || peer == RouteTable.None) return false;
        var to = hierarchy.FirstPort + peer;
        if (to == port || !own.Access.IsOff || _guards[own.Hierarchy].IsEnabled) return false;
        var sample = route.Sample;
        if (!hierarchy.PeerToPeer.Allows(in sample) || sample.PayloadBytes > _ports[to].MaxPayloadSize) return false;
        route.Count((tlps, _) => Counters.TlpsBetweenPorts += tlps);
        return route.TryBeFreedBy(_sources, port) && route.TryLeaveBy(_ports[to].Transmitter, port);
    }
}
