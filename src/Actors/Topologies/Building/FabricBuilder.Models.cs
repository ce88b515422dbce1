using PcieFabric.EndpointFunctions;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Links;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Building;

public sealed partial class FabricBuilder
{
    /// <summary>With itself, to the endpoint, and from there one for TLPs and one for credits.</summary>
    private const int ChannelsOfModel = 4;

    /// <summary>The endpoint whose functions are to be modelled.</summary>
    private sealed record ModelPlace(string Path, Endpoint Endpoint, LinkSettings Link, SimTime Latency, int Partition);

    /// <summary>By function number. Those that sleep are made when they wake; one of each kind is asked here what it wants to have.</summary>
    private EndpointFunction?[] ModelsOf(EndpointDefinition endpoint)
    {
        var models = new EndpointFunction?[endpoint.Functions.Count];
        for (var number = 0; number < models.Length; number++)
        {
            var isAsBefore = number > 0 && ReferenceEquals(endpoint.Functions[number], endpoint.Functions[number - 1]);
            models[number] = isAsBefore && models[number - 1] is { SleepsUntilReached: true } before ? before : ModelOf(endpoint.Functions[number]);
        }
        return models;
    }

    private void AddModel(IActorEngine engine, ModelPlace at, string path, int place, EndpointFunction model, IReadOnlyDictionary<int, MemoryRegion> memory, bool startsWhenTold)
    {
        if (engine == Engine) _fabric.Functions.Add(Engine.Actors, 1);
        var credits = RootComplex.InsideCredits(at.Link, at.Latency);
        model.UseBarMemory(memory);
        var actor = new FunctionActor(model, at.Latency, in credits, startsWhenTold);
        engine.Spawn(new Props(new ActorPath(path), actor, at.Partition, SupervisorDirective.Stop));
        actor.Connect(engine.Connect(actor, at.Endpoint, Endpoint.InletOfModel(place), at.Latency));
        at.Endpoint.ConnectModel(place, Way(engine, at.Endpoint, actor, FunctionActor.EndpointInlet, at.Latency), in credits);
    }

    /// <summary>The numbers of models that sleep, from one function on.</summary>
    private void ReserveModels(ModelPlace at, int first, FunctionDefinition[] functions, IReadOnlyDictionary<int, MemoryRegion>[] memory)
    {
        var engine = Engine;
        var reserved = engine.Reserve(
            functions.Length,
            ChannelsOfModel,
            i => TopologyInstances.FunctionPath(at.Path, first + i),
            (i, numbers) => AddModel(numbers, at, TopologyInstances.FunctionPath(at.Path, first + i), first + i, ModelOf(functions[i])!, memory[i], startsWhenTold: true));
        _fabric.Functions.Add(reserved.FirstActor, reserved.Actors);
        at.Endpoint.LetModelsSleep(first, functions.Length, number => engine.CellAt(reserved.FirstActor + number - first));
    }
}
