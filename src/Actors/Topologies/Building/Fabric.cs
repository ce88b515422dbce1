using PcieFabric.DmaEngines;
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
        (Topology, Engine, Memory, Functions) = (topology, engine, memory, new FunctionActorDictionary(engine));

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
    public FunctionActorDictionary Functions { get; }

    public OrderedDictionary<string, EndpointController> Controllers { get; } = [];

    /// <summary>The DMA engines beside controllers, by the path of the controller.</summary>
    public OrderedDictionary<string, DmaEngine> DmaEngines { get; } = [];

    /// <summary>The interrupt controllers beside them, by the path of the controller.</summary>
    public OrderedDictionary<string, EndpointInterrupts> EndpointInterrupts { get; } = [];

    /// <summary>The software of the functions of controllers, by path.</summary>
    public OrderedDictionary<string, BoundFunctionActor> BoundFunctions { get; } = [];

    /// <summary>
    /// Runs until nothing is left to happen. Software of controllers may look at its registers for ever, so with such functions the fabric stops at the first full
    /// <see cref="Slice"/> of virtual time after <paramref name="isDone"/>: the same moment whatever the partitions and threads.
    /// </summary>
    /// <param name="isDone">Asked while the engine stands still.</param>
    /// <param name="limit">Where it stops at the latest; null for no limit.</param>
    /// <param name="threads">At most one for each partition is used.</param>
    /// <param name="turnEnded">Called between turns of the engine, with a time that all of the fabric has passed.</param>
    /// <param name="cancellation">Ends the run between two turns.</param>
    public void RunUntil(Func<bool> isDone, SimTime? limit = null, int threads = 1, Action<SimTime>? turnEnded = null, CancellationToken cancellation = default)
    {
        if (BoundFunctions.Count == 0)
        {
            Engine.Run(limit, threads, turnEnded, cancellation);
            return;
        }
        var end = limit ?? SimTime.Never;
        for (var until = Slice; ; until += Slice)
        {
            Engine.Run(until < end ? until : end, threads, turnEnded, cancellation);
            if (isDone() || until >= end || Engine.QueueEntries == 0) return;
        }
    }

    /// <summary>Ten polls of Linux's test function.</summary>
    private static readonly SimTime Slice = SimTime.FromMilliseconds(10);

    public void Dispose()
    {
        Engine.Dispose();
        Memory.Dispose();
    }
}
