using PcieFabric.Documents;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.RootComplexes;
using PcieFabric.RootComplexes.Enumeration;
using PcieFabric.TlpPaths;
using PcieFabric.Tlps;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;
using PcieFabric.Topologies.Reading;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.PeerToPeer;

/// <summary>A fabric of probes with one host's software, from the hosts and switches of a topology file.</summary>
internal sealed class PeerFabric : IDisposable
{
    private const string Head = """
        name: peers
        functions:
          probe:
            model: peer-probe
            vendor: 0x1d0f
            device: 0x0001
            bars:
              - { index: 0, size: 4 KiB, type: memory32 }
              - { index: 2, size: 64 KiB, type: memory64, prefetchable: true }
            capabilities: { aer: true, ACS }
        endpoints:
          card: { functions: [probe] }
          duo: { functions: [probe, probe] }

        """;

    public const string AllAcs = "[source-validation, translation-blocking, request-redirect, completion-redirect, upstream-forwarding, egress-control, direct-translated]";

    private const string FunctionAcs = "acs: [request-redirect, completion-redirect, egress-control, direct-translated]";

    /// <summary>Two root ports: a switch with three cards and a two-function card, and a card.</summary>
    public const string OneSwitch = $$"""
        switches:
          leaf: { acs: {{AllAcs}}, ports: [{ attach: card, count: 3 }, { attach: duo }] }
        hosts:
          host0: { memory: 16 MiB, acs: {{AllAcs}}, HOST ports: [{ attach: leaf }, { attach: card }, { attach: card }] }
        """;

    public const string A = "host0/rp0/leaf/dp0/card/fn0", B = "host0/rp0/leaf/dp1/card/fn0", C = "host0/rp0/leaf/dp2/card/fn0";
    public const string Duo0 = "host0/rp0/leaf/dp3/duo/fn0", Duo1 = "host0/rp0/leaf/dp3/duo/fn1";
    public const string Alone = "host0/rp1/card/fn0", Alone2 = "host0/rp2/card/fn0";
    public const string Dp0 = "host0/rp0/leaf/dp0", Dp1 = "host0/rp0/leaf/dp1", Dp3 = "host0/rp0/leaf/dp3", Rp0 = "host0/rp0", Rp1 = "host0/rp1";

    private readonly Dictionary<string, FunctionPlace> _places;

    /// <param name="host">More keys of the host, with a comma behind each.</param>
    public PeerFabric(string topology = OneSwitch, string host = "", int partitions = 1)
    {
        var definition = Read(topology, host);
        Fabric = FabricBuilder.Build(definition, new FabricOptions
        {
            Partitions = partitions,
            Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { [PeerProbe.Model] = static _ => new PeerProbe() },
        });
        _places = definition.Hosts.SelectMany(TopologyPlaces.Of).ToDictionary(place => place.Path);
    }

    public Fabric Fabric { get; }

    public RootComplex Root => Fabric.Hosts["host0"];

    public static TopologyDefinition Read(string topology, string host = "") =>
        TopologyReader.Read(new SourceText("peers.yaml", Head.Replace("ACS", FunctionAcs, StringComparison.Ordinal) + topology.Replace("HOST", host, StringComparison.Ordinal)));

    /// <summary>Follows all peer requests: those whose address is a probe's memory and whose requester is not the host.</summary>
    public TlpPath Follow() => TlpPath.Follow(Fabric.Engine, static request => request.IsMemoryRequest && request.Requester.Bus != 0 && request.Address >= 1ul << 40);

    /// <summary>Enumerates, runs the software to its end, and leaves nothing behind.</summary>
    public void Run(Func<Peers, Task> software, int threads = 1)
    {
        Root.Run(async host =>
        {
            var hierarchies = new List<EnumeratedHierarchy>();
            for (var i = 0; i < host.Hierarchies.Count; i++)
            {
                var given = host.Hierarchies[i];
                var options = new EnumeratorOptions { Memory = given.Memory, PrefetchableMemory = given.Prefetchable, Io = given.Io };
                hierarchies.Add(await new Enumerator(host.Configuration[i], options).RunAsync());
            }
            await software(new Peers(host, hierarchies, _places));
        });
        Fabric.Engine.Run(threads: threads);
        Assert.Empty(Fabric.Engine.Stopped);
        Assert.True(Root.SoftwareFinished, "host software waits for what will never happen");
        Assert.Equal(0, Fabric.Engine.PayloadsOutstanding);
        Assert.All(Fabric.Ports.Values, port => Assert.Equal(0, port.Link.Transmitter.Waiting));
    }

    public PcieFabric.Ports.PortCounters CountersOf(string port) => Fabric.Ports[port].Counters;

    public void Dispose() => Fabric.Dispose();
}
