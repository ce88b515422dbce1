using PcieFabric.EndpointControllers;
using PcieFabric.EndpointFunctions;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Iommus;
using PcieFabric.Ports;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Building;

/// <summary>A topology come alive: its actors, by path, on an engine. Their state is to be read while the engine stands still.</summary>
public sealed class Fabric : IDisposable
{
    internal Fabric(TopologyDefinition topology, DeterministicEngine engine, SharedMemory memory) =>
        (Topology, Engine, Memory) = (topology, engine, memory);

    public TopologyDefinition Topology { get; }

    public DeterministicEngine Engine { get; }

    /// <summary>Behind the memory of hosts and the BARs of functions.</summary>
    public SharedMemory Memory { get; }

    /// <summary>By host name, in the topology's order.</summary>
    public OrderedDictionary<string, RootComplex> Hosts { get; } = [];

    /// <summary>Of the hosts that have one, by host name.</summary>
    public OrderedDictionary<string, Iommu> Iommus { get; } = [];

    /// <summary>Root ports and switch ports by path, in the topology's order.</summary>
    public OrderedDictionary<string, BridgePort> Ports { get; } = [];

    public OrderedDictionary<string, Endpoint> Endpoints { get; } = [];

    /// <summary>The functions that have a model, by path.</summary>
    public OrderedDictionary<string, FunctionActor> Functions { get; } = [];

    public OrderedDictionary<string, EndpointController> Controllers { get; } = [];

    /// <summary>The interrupt controllers beside them, by the path of the controller.</summary>
    public OrderedDictionary<string, EndpointInterrupts> EndpointInterrupts { get; } = [];

    /// <summary>The software of the functions of controllers, by path.</summary>
    public OrderedDictionary<string, BoundFunctionActor> BoundFunctions { get; } = [];

    public void Dispose()
    {
        Engine.Dispose();
        Memory.Dispose();
    }
}
