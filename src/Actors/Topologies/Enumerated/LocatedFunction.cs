using PcieFabric.Links;
using PcieFabric.RootComplexes.Enumeration;

namespace PcieFabric.Topologies.Enumerated;

/// <summary>A function of the topology, and where enumeration found it.</summary>
/// <param name="Hierarchy">Index among the host's root complexes.</param>
/// <param name="Link">The link of its endpoint.</param>
public sealed record LocatedFunction(string Path, string EndpointPath, FunctionDefinition Definition, int Hierarchy, EnumeratedFunction Found, LinkSettings Link)
{
    /// <exception cref="InvalidOperationException">The topology's rules let a BAR through that is not there.</exception>
    public ulong AddressOf(int bar) =>
        Found.FindBar(bar)?.Range.Base ?? throw new InvalidOperationException($"Invariant: {Path} has BAR{bar}");

    /// <summary>All functions of one root complex that enumeration found, in the order of the topology: it knows which port leads to what, enumeration which function answers there.</summary>
    public static IEnumerable<LocatedFunction> In(HostDefinition host, int hierarchy, EnumeratedHierarchy found)
    {
        var root = host.RootComplexes[hierarchy];
        var path = root.Name.Length == 0 ? host.Name : $"{host.Name}/{root.Name}";
        return Below(path, TopologyInstances.RootPortPath, root.Ports, isRoot: true, found.RootBus, hierarchy);
    }

    private static IEnumerable<LocatedFunction> Below(
        string parent, Func<string, int, string> portPath, IReadOnlyList<PortDefinition> ports, bool isRoot, IReadOnlyList<EnumeratedFunction> found, int hierarchy)
    {
        for (var place = 0; place < ports.Count; place++)
        {
            var (device, function) = isRoot
                ? (PortDefinition.RootDeviceNumber(place), PortDefinition.RootFunctionNumber(place))
                : (PortDefinition.DeviceNumber(place), PortDefinition.FunctionNumber(place));
            var port = found.FirstOrDefault(candidate => candidate.Bdf.Device == device && candidate.Bdf.Function == function);
            if (port is null || ports[place].Attached is not { } part) continue;
            var path = TopologyInstances.PartPath(portPath(parent, place), part);
            var below = part switch
            {
                SwitchDefinition fan => port.Children.Take(1).SelectMany(up => Below(path, TopologyInstances.DownstreamPortPath, fan.Ports, false, up.Children, hierarchy)),
                EndpointDefinition endpoint => FunctionsOf(endpoint, path, port, ports[place].Link, hierarchy),
                _ => [],
            };
            foreach (var located in below) yield return located;
        }
    }

    private static IEnumerable<LocatedFunction> FunctionsOf(EndpointDefinition endpoint, string path, EnumeratedFunction port, LinkSettings link, int hierarchy)
    {
        for (var number = 0; number < endpoint.Functions.Count; number++)
        {
            var wanted = number;
            if (port.Children.FirstOrDefault(child => (endpoint.Ari ? child.Bdf.AriFunction : child.Bdf.Function) == wanted) is { } function)
                yield return new LocatedFunction(TopologyInstances.FunctionPath(path, number), path, endpoint.Functions[number], hierarchy, function, link);
        }
    }
}
