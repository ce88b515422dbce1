using PcieFabric.ConfigSpaces;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Topologies.Enumerated;

/// <summary>Brings together what host software found on the buses of a segment and the actors that the topology has there.</summary>
internal sealed class FunctionPlacement(Fabric fabric, EnumeratedHierarchy hierarchy)
{
    private int _placed;

    /// <returns>The functions of the root bus, in the order of their numbers.</returns>
    public IReadOnlyList<PlacedFunction> Of(HostDefinition host, int index)
    {
        var rootComplex = host.RootComplexes[index];
        var root = rootComplex.Name.Length == 0 ? host.Name : $"{host.Name}/{rootComplex.Name}";
        IReadOnlyList<PlacedFunction> functions = Ports(null, hierarchy.FirstBus, rootComplex.Ports, place => TopologyInstances.RootPortPath(root, place));
        if (fabric.Hosts[host.Name].HostBridges[index] is { } bridge)
        {
            var path = $"{root}/host-bridge";
            functions = [Place(path, null, Find(new Bdf(hierarchy.FirstBus, 0, 0), path), bridge.Space, []), .. functions];
        }
        if (_placed != hierarchy.Functions.Count)
            throw new InvalidOperationException($"Invariant: below {root} the topology has {_placed} functions, and enumeration found {hierarchy.Functions.Count}");
        return functions;
    }

    private PlacedFunction[] Ports(PartDefinition? part, int bus, IReadOnlyList<PortDefinition> definitions, Func<int, string> pathOf) =>
        [.. definitions.Select((definition, place) => Port(part, bus, pathOf(place), definition.Attached)).OrderBy(port => port.Bdf)];

    private PlacedFunction Port(PartDefinition? part, int bus, string path, PartDefinition? attached)
    {
        var found = Bridge(bus, path);
        return Place(path, part, found, fabric.Ports[path].Space, attached switch
        {
            SwitchDefinition fan => [Upstream(fan, found.Bridge!.SecondaryBus, TopologyInstances.PartPath(path, fan))],
            EndpointDefinition endpoint => Functions(endpoint, found.Bridge!.SecondaryBus, TopologyInstances.PartPath(path, endpoint)),
            _ => [],
        });
    }

    private PlacedFunction Upstream(SwitchDefinition fan, int bus, string switchPath)
    {
        var path = TopologyInstances.UpstreamPortPath(switchPath);
        var found = Bridge(bus, path);
        var below = Ports(fan, found.Bridge!.SecondaryBus, fan.Ports, place => TopologyInstances.DownstreamPortPath(switchPath, place));
        return Place(path, fan, found, fabric.Ports[path].Space, below);
    }

    private PlacedFunction[] Functions(EndpointDefinition endpoint, int bus, string path) =>
        [.. FunctionsAt(path).OfType<Endpoints.Function>().SelectMany(function =>
        {
            // With ARI, the number runs over the bits of the device (PCIe 6.0 section 6.13).
            var functionPath = TopologyInstances.FunctionPath(path, function.Number);
            var placed = Place(functionPath, endpoint, Find(new Bdf((ushort)(bus << 8 | function.Number)), functionPath), function.Space, []);
            return VirtualFunctions(placed, function).Prepend(placed);
        }).OrderBy(placed => placed.Bdf)];

    /// <summary>No scan finds them, so they are not among what enumeration counts.</summary>
    private static IEnumerable<PlacedFunction> VirtualFunctions(PlacedFunction physical, Endpoints.Function function) =>
        physical.Found.VirtualFunctions.Select((found, vf) => physical with { Path = TopologyInstances.VirtualFunctionPath(physical.Path, vf), Found = found, Space = function.VirtualFunctions[vf].Space });

    /// <summary>Those of a controller that does not run are not there.</summary>
    private IReadOnlyList<Endpoints.Function?> FunctionsAt(string path) => fabric.Controllers.TryGetValue(path, out var controller) ? controller.Functions : fabric.Endpoints[path].Functions;

    private EnumeratedFunction Bridge(int bus, string path)
    {
        var port = fabric.Ports[path].Settings;
        var found = Find(new Bdf(bus, port.Device, port.Function), path);
        return found.IsBridge ? found : throw new InvalidOperationException($"Invariant: the port {path} is no bridge at {found}");
    }

    private EnumeratedFunction Find(Bdf bdf, string path) =>
        hierarchy.Find(bdf) ?? throw new InvalidOperationException($"Invariant: enumeration did not find {path} at {bdf}");

    private PlacedFunction Place(string path, PartDefinition? part, EnumeratedFunction found, ConfigSpace space, IReadOnlyList<PlacedFunction> children)
    {
        _placed++;
        return new PlacedFunction(path, part, found, space, children);
    }
}
