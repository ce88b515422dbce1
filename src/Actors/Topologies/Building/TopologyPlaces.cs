using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Topologies.Building;

/// <summary>The places of a host's ports and functions, by the paths of <see cref="TopologyInstances"/>.</summary>
public static class TopologyPlaces
{
    /// <summary>Upstream ports are device 0, function 0 of their bus, as is every endpoint's function 0.</summary>
    private const byte First = 0;

    /// <summary>Depth first; a port comes before what is below it.</summary>
    public static IEnumerable<FunctionPlace> Of(HostDefinition host)
    {
        for (var hierarchy = 0; hierarchy < host.RootComplexes.Count; hierarchy++)
        {
            var root = host.RootComplexes[hierarchy];
            var path = root.Name.Length == 0 ? host.Name : $"{host.Name}/{root.Name}";
            for (var place = 0; place < root.Ports.Count; place++)
            {
                var port = new FunctionPlace(TopologyInstances.RootPortPath(path, place), hierarchy, [RootPortStep(place)]);
                foreach (var below in Below(port, root.Ports[place])) yield return below;
            }
        }
    }

    private static IEnumerable<FunctionPlace> Below(FunctionPlace port, PortDefinition definition)
    {
        yield return port;
        if (definition.Attached is not { } part) yield break;
        var path = TopologyInstances.PartPath(port.Path, part);
        if (part is EndpointDefinition endpoint)
        {
            for (var number = 0; number < endpoint.Functions.Count; number++)
                yield return port with { Path = TopologyInstances.FunctionPath(path, number), Steps = [.. port.Steps, (byte)number], IsFunction = true };
            yield break;
        }
        yield return port with { Path = $"{path}/up", Steps = [.. port.Steps, First] };
        var fan = (SwitchDefinition)part;
        for (var place = 0; place < fan.Ports.Count; place++)
        {
            var downstream = new FunctionPlace(TopologyInstances.DownstreamPortPath(path, place), port.Hierarchy, [.. port.Steps, First, Step(PortDefinition.DeviceNumber(place), PortDefinition.FunctionNumber(place))]);
            foreach (var below in Below(downstream, fan.Ports[place])) yield return below;
        }
    }

    /// <summary>Device 0 of the root bus is the host bridge's.</summary>
    private static byte RootPortStep(int place) => Step(PortDefinition.RootDeviceNumber(place), PortDefinition.RootFunctionNumber(place));

    private static byte Step(int device, int function) => (byte)(device << 3 | function);
}
