using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies.Building;

public sealed partial class FabricBuilder
{
    /// <summary>A controller and the software of its functions, which share its partition as they share its memory.</summary>
    private void AddController(string portPath, Actor above, LinkPort aboveLink, LinkSettings link, EndpointDefinition definition, ControllerProfile profile, bool aboveCutsThrough)
    {
        var path = TopologyInstances.PartPath(portPath, definition);
        var partition = _plan.Next(path);
        var settings = new EndpointControllerSettings
        {
            Profile = profile,
            Link = link,
            PartnerCutsThrough = aboveCutsThrough,
            LocalMemory = _fabric.Memory.Allocate(BarMemory.LocalBytes(definition)),
            Functions = definition.Functions.Count,
            VirtualFunctions = [.. definition.VirtualFunctions.Select(each => each.Count)],
        };
        var controller = new EndpointController(settings);
        Engine.Spawn(new Props(new ActorPath(path), controller, partition));
        _fabric.Controllers.Add(path, controller);
        ConnectLink(above, aboveLink, controller, BridgePort.LinkInlet, EndpointController.LinkInlet, controller.Link, link);
        // Until the controller starts, the port above sees an empty slot.
        aboveLink.StartAlone();
        controller.ConnectReads(Engine.Connect(controller, controller, EndpointController.ReadInlet, settings.ReadLatency));

        var place = 0;
        for (; place < definition.Functions.Count; place++)
            AddSoftware(TopologyInstances.FunctionPath(path, place), controller, settings, place, definition.Functions[place], profile, partition);
        for (var number = 0; number < definition.VirtualFunctions.Count; number++)
        {
            var below = definition.VirtualFunctions[number];
            for (var vf = 0; vf < below.Count; vf++, place++)
                AddSoftware(TopologyInstances.VirtualFunctionPath(TopologyInstances.FunctionPath(path, number), vf), controller, settings, place, below[vf], profile.OfVirtualFunction, partition, vf + 1);
        }
    }

    private void AddSoftware(
        string path, EndpointController controller, EndpointControllerSettings settings, int place, FunctionDefinition function, ControllerProfile features, int partition, int virtualFunction = 0)
    {
        var credits = RootComplex.InsideCredits(settings.Link, settings.SoftwareLatency);
        var memory = new LocalMemory(settings.LocalMemory, (ulong)(place * BarMemory.FunctionLocalBytes), (ulong)BarMemory.FunctionLocalBytes);
        var actor = new BoundFunctionActor(BoundModelOf(function), features, memory, settings.SoftwareLatency, in credits, virtualFunction);
        Engine.Spawn(new Props(new ActorPath(path), actor, partition, SupervisorDirective.Stop));
        _fabric.BoundFunctions.Add(path, actor);
        actor.Connect(Engine.Connect(actor, controller, EndpointController.InletOfSoftware(place), settings.SoftwareLatency));
        controller.ConnectSoftware(place, Way(controller, actor, BoundFunctionActor.ControllerInlet, settings.SoftwareLatency), in credits);
    }

    private BoundFunction BoundModelOf(FunctionDefinition function)
    {
        if (_options.BoundModels.TryGetValue(function.Model, out var make) || BoundFunctionModels.Known.TryGetValue(function.Model, out make)) return make(function);
        var known = _options.BoundModels.Keys.Concat(BoundFunctionModels.Known.Keys).Order(StringComparer.Ordinal).ToArray();
        var hint = DidYouMean.For(function.Model, known) ?? $"models for controllers: {string.Join(", ", known)}";
        throw new InputException($"'{function.Model}' of function {function.Name} is no software for a controller", hint, function.ModelSource);
    }
}
