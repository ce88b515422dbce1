using PcieFabric.ConfigSpaces;
using PcieFabric.EndpointControllers.Profiles;
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
    /// <param name="barBytes">A power of two.</param>
    public static Fabric Build(int maxPayloadBytes, EndpointFunction? model = null, ulong barBytes = BarBytes, PeerPlace peer = PeerPlace.None) =>
        FabricBuilder.Build(Topology(maxPayloadBytes, barBytes, peer), new FabricOptions
        {
            Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { [Model] = _ => model },
        });

    /// <summary>The same with a controller that has a DMA engine as the endpoint.</summary>
    public static Fabric Build(int maxPayloadBytes, BoundFunction software)
    {
        var link = new LinkSettings { MaxPayloadSize = maxPayloadBytes };
        var endpoint = new EndpointDefinition { Name = "endpoint", Controller = ControllerProfiles.Find("rk3588"), Functions = [FunctionOf(0, Model) with { Bars = [] }] };
        var fan = new SwitchDefinition { Name = "switch", Ports = [new PortDefinition { Link = link, Attached = endpoint }] };
        var root = new RootComplexDefinition { Ports = [new PortDefinition { Link = link, Attached = fan }] };
        return FabricBuilder.Build(new TopologyDefinition { Name = "bench", Hosts = [new HostDefinition { Name = "host0", RootComplexes = [root] }] }, new FabricOptions
        {
            BoundModels = new Dictionary<string, Func<FunctionDefinition, BoundFunction>> { [Model] = _ => software },
        });
    }

    /// <summary>Enumerates, and gives BAR 0 of the last endpoint.</summary>
    public static async ValueTask<ulong> EnumerateAsync(Host host) => (await EnumerateAllAsync(host))[^1];

    /// <summary>Enumerates, and gives BAR 0 of each endpoint.</summary>
    public static async ValueTask<IReadOnlyList<ulong>> EnumerateAllAsync(Host host)
    {
        var hierarchy = host.Hierarchies[0];
        var found = await new Enumerator(host.Configuration[0], new EnumeratorOptions { Memory = hierarchy.Memory, PrefetchableMemory = hierarchy.Prefetchable }).RunAsync();
        return [.. found.Functions.Select(f => f.FindBar(0)).OfType<EnumeratedBar>().Select(b => b.Range.Base)];
    }

    private static TopologyDefinition Topology(int maxPayloadBytes, ulong barBytes, PeerPlace peer)
    {
        var link = new LinkSettings { MaxPayloadSize = maxPayloadBytes };
        PortDefinition PortOf(string name, string model) => new() { Link = link, Attached = new EndpointDefinition { Name = name, Functions = [FunctionOf(barBytes, model)] } };
        var endpoint = PortOf("endpoint", Model);
        var other = PortOf("peer", "memory");
        var fan = new SwitchDefinition { Name = "switch", Ports = peer == PeerPlace.BelowSwitch ? [endpoint, other] : [endpoint] };
        var toFan = new PortDefinition { Link = link, Attached = fan };
        var root = new RootComplexDefinition { Ports = peer == PeerPlace.AcrossRoot ? [toFan, other] : [toFan] };
        return new TopologyDefinition { Name = "bench", Hosts = [new HostDefinition { Name = "host0", RootComplexes = [root] }] };
    }

    private static FunctionDefinition FunctionOf(ulong barBytes, string model) => new()
    {
        Name = "memory",
        Model = model,
        VendorId = 0x1d0f,
        DeviceId = 0x0002,
        Bars = [BarDefinition.Memory64(0, barBytes, prefetchable: true)],
    };
}

/// <summary>Where a second endpoint is, whose BAR is memory.</summary>
internal enum PeerPlace
{
    None,
    BelowSwitch,
    AcrossRoot,
}
