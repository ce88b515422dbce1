using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointFunctions;
using PcieFabric.Links;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>The fabric that traffic is measured on: a host, a switch, and an endpoint whose BAR is memory.</summary>
internal static class TrafficFabric
{
    private const string Model = "traffic";
    private const ulong BarBytes = 1ul << 20;

    /// <param name="model">Of the endpoint's function; without, its BAR is memory.</param>
    public static Fabric Build(int maxPayloadBytes, EndpointFunction? model = null) => FabricBuilder.Build(Topology(maxPayloadBytes), new FabricOptions
    {
        Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { [Model] = _ => model },
    });

    /// <summary>Enumerates, and gives the endpoint's BAR 0.</summary>
    public static async ValueTask<ulong> EnumerateAsync(Host host)
    {
        var hierarchy = host.Hierarchies[0];
        var found = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable }).RunAsync();
        return found.Functions[^1].FindBar(0)!.Range.Base;
    }

    private static TopologyDefinition Topology(int maxPayloadBytes)
    {
        var link = new LinkSettings { MaxPayloadSize = maxPayloadBytes };
        var function = new FunctionDefinition
        {
            Name = "memory",
            Model = Model,
            VendorId = 0x1d0f,
            DeviceId = 0x0002,
            Bars = [BarDefinition.Memory64(0, BarBytes, prefetchable: true)],
        };
        var endpoint = new EndpointDefinition { Name = "endpoint", Functions = [function] };
        var fan = new SwitchDefinition { Name = "switch", Ports = [new PortDefinition { Link = link, Attached = endpoint }] };
        var root = new RootComplexDefinition { Ports = [new PortDefinition { Link = link, Attached = fan }] };
        return new TopologyDefinition { Name = "bench", Hosts = [new HostDefinition { Name = "host0", RootComplexes = [root] }] };
    }
}
