using PcieFabric.EndpointFunctions;
using PcieFabric.Iommus;
using PcieFabric.Memory;
using PcieFabric.Recording;
using PcieFabric.Topologies;
using PcieFabric.Topologies.Building;

namespace PcieFabric.Actors.Tests.FaultSchedules;

/// <summary>One drawn fabric with its software, and the faults that a seed has in store for it.</summary>
internal sealed class FaultRun
{
    private readonly List<EndpointSide> _endpoints = [];

    public FaultRun(int seed, int partitions)
    {
        var topology = new DrawnTopology(new Random(seed)).Draw();
        var rogues = new Queue<RogueFunction>();
        Fabric = FabricBuilder.Build(topology, new FabricOptions
        {
            Seed = (ulong)seed,
            Partitions = partitions,
            Models = new Dictionary<string, Func<FunctionDefinition, EndpointFunction?>> { ["rogue"] = MakeRogue },
        });
        foreach (var actor in Fabric.Functions.Values)
            if (actor.Function is RogueFunction rogue) rogue.Self = actor;
        var host = Fabric.Hosts["host0"];
        Host = new HostSide(new Random(seed + 1), topology.Hosts[0].RootComplexes[0].AllowedPeers is not null, topology.Hosts[0].Iommu?.PeerToPeer == PeerTranslationPolicy.Bypass, new PayloadPool());
        host.Run(Host.RunAsync);
        foreach (var (actor, place) in Fabric.BoundFunctions.Values.Select((actor, place) => (actor, place)))
        {
            var side = new EndpointSide(actor, new Random(seed * 31 + place));
            _endpoints.Add(side);
            actor.Run(side.RunAsync);
        }
    }

    public Fabric Fabric { get; }

    public HostSide Host { get; }

    public IReadOnlyList<EndpointSide> Endpoints => _endpoints;

    public FabricRun Run(int threads = 1) => new(Fabric, () => Fabric.Engine.Run(until: Schedule.End, threads: threads));

    private static RogueFunction MakeRogue(FunctionDefinition definition) => new() { UsesAddressTranslation = definition.Capabilities.Ats is not null };
}
