using PcieFabric.InterruptControllers;
using PcieFabric.Ports;

namespace PcieFabric.RootComplexes;

public sealed partial class RootComplex : ITrainStop
{
    /// <summary>Trains from below end in memory, are answered from there, go to a peer, or bring what the processor asked for.</summary>
    bool ITrainStop.TryPass(TrainRoute route, int inlet)
    {
        var port = inlet - _firstPortInlet;
        if (_settings.HasIommu || port < 0) return false;
        route.Count((tlps, _) => Counters.TlpsFromPorts += tlps);
        if (route.Sample.IsCompletion) return TryReturn(route, port);
        if (_gateway?.Serves(_ports[port].Hierarchy, route.Sample.Requester) == true) return TryEndAtGuest(_gateway, route, port);
        if (route.Range.Overlaps(HostInterruptController.Window)) return false;
        if (!_settings.Memory.TryFind(route.Range.Base, route.Range.Size, out var region, out var offset))
            return !_settings.Memory.Overlaps(route.Range) && TryGoToPeer(route, port);
        if (!route.Sample.IsMemoryRead) route.Count((_, bytes) => Counters.BytesWritten += bytes);
        if (!route.TryBeFreedBy(_sources, port) || !route.TryEndIn(region, offset)) return false;
        return !route.Sample.IsMemoryRead || TryAnswer(route, port, bytes => Counters.BytesRead += bytes);
    }

    /// <summary>The guest's memory is as good as the host's while it is held. Where the guest's functions reach each other, or it goes, an input of this actor says so.</summary>
    private bool TryEndAtGuest(IGateway gateway, TrainRoute route, int port)
    {
        var hierarchy = _ports[port].Hierarchy;
        var isRead = route.Sample.IsMemoryRead;
        // Requests are for whole DWs.
        var start = route.Range.Base & ~3ul;
        var dwords = new AddressRange(start, (route.Range.Last | 3) - start + 1);
        if (_routes[hierarchy].ClaimsAny(dwords) || gateway.Borrow(hierarchy, route.Sample.Requester, dwords, forWriting: !isRead) is not { } memory) return false;
        if (!isRead)
        {
            route.Count((_, bytes) =>
            {
                Counters.BytesWritten += bytes;
                gateway.Passed(0, bytes);
            });
        }
        if (!route.TryBeFreedBy(_sources, port) || !route.TryEndIn(memory, (long)(route.Range.Base - start))) return false;
        return !isRead || TryAnswer(route, port, bytes =>
        {
            Counters.BytesRead += bytes;
            gateway.Passed(bytes, 0);
        });
    }

    private bool TryAnswer(TrainRoute route, int port, Action<long> answered)
    {
        ref readonly var own = ref _ports[port];
        var answer = new TrainAnswer(own.Reads, _settings.MemoryLatency, _requesters[own.Hierarchy].Id, own.MaxPayloadSize, _settings.ReadCompletionBoundary, LastOfRead(port), answered);
        return route.TryTurnBack(answer) && route.TryLeaveBy(own.Transmitter, Own);
    }

    private bool TryGoToPeer(TrainRoute route, int port)
    {
        ref readonly var own = ref _ports[port];
        var hierarchy = _settings.Hierarchies[own.Hierarchy];
        if (!_routes[own.Hierarchy].TryFind(route.Range, out var peer) || peer == RouteTable.None) return false;
        var to = hierarchy.FirstPort + peer;
        if (to == port || !own.Access.IsOff || _guards[own.Hierarchy].IsEnabled) return false;
        var sample = route.Sample;
        return hierarchy.PeerToPeer.Allows(in sample) && TryForward(route, port, to);
    }

    private bool TryReturn(TrainRoute route, int port)
    {
        var hierarchy = _ports[port].Hierarchy;
        var requester = route.Sample.Requester;
        if (requester == _requesters[hierarchy].Id) return route.TryBeFreedBy(_sources, port) && route.IsBackAt(this);
        var peer = _routes[hierarchy].ByBus(requester.Bus);
        return requester != CrossingId && peer != RouteTable.None && TryForward(route, port, _settings.Hierarchies[hierarchy].FirstPort + peer);
    }

    private bool TryForward(TrainRoute route, int port, int to)
    {
        if (route.Sample.PayloadBytes > _ports[to].MaxPayloadSize) return false;
        // What the processor would send goes as soon as no request waits at the port, which only messages can tell.
        if (_requesters[_ports[to].Hierarchy].HasUnsent) return false;
        route.Count((tlps, _) => Counters.TlpsBetweenPorts += tlps);
        return route.TryBeFreedBy(_sources, port) && route.TryLeaveBy(_ports[to].Transmitter, port);
    }
}
