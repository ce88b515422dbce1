using PcieFabric.Engine;
using PcieFabric.Ports;
using PcieFabric.Requests;

namespace PcieFabric.RootComplexes;

public sealed partial class RootComplex
{
    /// <summary>The way of the processor's requests into one hierarchy: configuration requests by bus, the others by address.</summary>
    private sealed class HierarchyPath(RootComplex owner, int hierarchy) : IRequestPath, ITrainPath
    {
        private static readonly Bdf HostBridgeId = new(0, 0, 0);

        private readonly int _firstPort = owner._settings.Hierarchies[hierarchy].FirstPort;

        /// <summary>Of the request that was asked about last.</summary>
        private int _port = RouteTable.None;

        public bool IsOpen(in Tlp request)
        {
            _port = PortFor(in request);
            return _port == RouteTable.None || owner._ports[_firstPort + _port].Transmitter.IsOpenTo(request.FlowControlClass);
        }

        public void Send(ref readonly Tlp request)
        {
            var port = _port;
            if (port == RouteTable.None)
            {
                if (IsBroadcast(in request)) Broadcast(in request);
                else if (request.IsConfiguration && request.Target == HostBridgeId && owner._hostBridges[hierarchy] is { } bridge) Answer(in request, bridge.Configure(in request, owner.Context.Payloads));
                else Refuse(in request);
                return;
            }
            var transmitter = owner._ports[_firstPort + port].Transmitter;
            if (!request.IsConfiguration || request.Target.Bus != 0)
            {
                transmitter.Send(in request, Own, owner.Context.NowPs);
                return;
            }
            var local = request.AsConfigType0();
            transmitter.Send(in local, Own, owner.Context.NowPs);
        }

        public TrainRoute? FindRoute(in Tlp sample, AddressRange range)
        {
            if (!owner._routes[hierarchy].TryFind(range, out var port) || port == RouteTable.None) return null;
            return TrainRoute.From(owner, owner._ports[_firstPort + port].Transmitter, Own, in sample, range);
        }

        private int PortFor(in Tlp request)
        {
            var routes = owner._routes[hierarchy];
            if (request.IsMemoryRequest) return routes.ByAddress(request.Address);
            if (request.IsIo) return routes.ByIo((uint)request.Address);
            if (IsBroadcast(in request)) return RouteTable.None;
            if (request.IsMessage && request.Routing == MessageRouting.ById) return routes.ByBus(request.Target.Bus);
            if (!request.IsConfiguration) return routes.ByAddress(request.Address);
            var target = request.Target;
            return target.Bus == 0 ? routes.ByDevice(target.Device, target.Function) : routes.ByBus(target.Bus);
        }

        private static bool IsBroadcast(in Tlp request) => request.IsMessage && request.Routing == MessageRouting.BroadcastFromRootComplex;

        private void Broadcast(ref readonly Tlp message)
        {
            for (var port = _firstPort; port < _firstPort + owner._settings.Hierarchies[hierarchy].Ports; port++)
            {
                var copy = message.Clone(owner.Context.Payloads);
                owner._ports[port].Transmitter.Send(in copy, Own, owner.Context.NowPs);
            }
            message.Release(owner.Context.Payloads);
        }

        private void Refuse(ref readonly Tlp request)
        {
            owner.Counters.UnsupportedRequests++;
            if (request.FlowControlClass == FlowControlClass.NonPosted) Answer(in request, Tlp.CompletionFor(in request, request.Requester, CompletionStatus.UnsupportedRequest));
            else request.Release(owner.Context.Payloads);
        }

        private void Answer(ref readonly Tlp request, in Tlp completion)
        {
            owner._toRequesters[hierarchy].Tell(in completion, 0, owner.Context.NowPs + 1);
            request.Release(owner.Context.Payloads);
        }
    }
}
