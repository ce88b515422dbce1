namespace PcieFabric.Topologies;

/// <summary>
/// Every use of every part of a topology, with the path that names it in experiments, journals and messages:
/// <c>host0/rp0/leaf/dp3/quad/fn1</c> is function 1 of endpoint <c>quad</c> at downstream port 3 of switch <c>leaf</c> at root port
/// 0 of <c>host0</c>. A host with several root complexes has theirs as the second component. Paths are unique, because a port leads
/// to one part only, and stable: they depend on names and places in the file alone.
/// </summary>
public static class TopologyInstances
{
    /// <summary>Depth first in the order of the file; a parent comes before its children.</summary>
    public static IEnumerable<PartInstance> Of(TopologyDefinition topology) => topology.Hosts.SelectMany(Of);

    /// <summary>Those of one host, in the same order.</summary>
    public static IEnumerable<PartInstance> Of(HostDefinition host)
    {
        foreach (var rootComplex in host.RootComplexes)
        {
            var root = rootComplex.Name.Length == 0 ? host.Name : $"{host.Name}/{rootComplex.Name}";
            foreach (var instance in Below(root, RootPortPath, rootComplex.Ports))
                yield return instance;
        }
    }

    /// <summary>The functions alone, in the same order.</summary>
    public static IEnumerable<FunctionInstance> Functions(TopologyDefinition topology)
    {
        foreach (var instance in Of(topology))
        {
            if (instance.Part is not EndpointDefinition endpoint)
                continue;
            for (var number = 0; number < endpoint.Functions.Count; number++)
                yield return new FunctionInstance(FunctionPath(instance.Path, number), endpoint.Functions[number], number);
        }
    }

    public static string RootPortPath(string rootComplexPath, int place) => $"{rootComplexPath}/rp{place}";
    public static string UpstreamPortPath(string switchPath) => $"{switchPath}/up";
    public static string DownstreamPortPath(string switchPath, int place) => $"{switchPath}/dp{place}";
    public static string PartPath(string portPath, PartDefinition part) => $"{portPath}/{part.Name}";
    public static string FunctionPath(string endpointPath, int number) => $"{endpointPath}/fn{number}";

    /// <param name="vf">From zero; the first is called <c>vf1</c>, as the specification and Linux number them.</param>
    public static string VirtualFunctionPath(string functionPath, int vf) => $"{functionPath}/vf{vf + 1}";

    private static IEnumerable<PartInstance> Below(string parent, Func<string, int, string> portPath, IReadOnlyList<PortDefinition> ports)
    {
        for (var place = 0; place < ports.Count; place++)
        {
            if (ports[place].Attached is not { } part)
                continue;
            var path = PartPath(portPath(parent, place), part);
            yield return new PartInstance(path, part, ports[place]);
            if (part is not SwitchDefinition fan)
                continue;
            foreach (var instance in Below(path, DownstreamPortPath, fan.Ports))
                yield return instance;
        }
    }
}

/// <summary>One use of a switch or an endpoint.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Part">The shared definition.</param>
/// <param name="Port">The port that it is attached to.</param>
public readonly record struct PartInstance(string Path, PartDefinition Part, PortDefinition Port);

/// <summary>One use of a function.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Function">The shared definition.</param>
/// <param name="Number">Function number.</param>
public readonly record struct FunctionInstance(string Path, FunctionDefinition Function, int Number);
