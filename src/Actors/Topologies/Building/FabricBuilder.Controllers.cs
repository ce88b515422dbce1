using PcieFabric.Doorbells;
using PcieFabric.EndpointControllers;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.EndpointFunctions;
using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.InterruptControllers;
using PcieFabric.Links;
using PcieFabric.LocalDevices;
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
        };
        var controller = new EndpointController(settings);
        Engine.Spawn(new Props(new ActorPath(path), controller, partition));
        _fabric.Controllers.Add(path, controller);
        ConnectLink(above, aboveLink, controller, BridgePort.LinkInlet, EndpointController.LinkInlet, controller.Link, link);
        // Until the controller starts, the port above sees an empty slot.
        aboveLink.StartAlone();
        controller.ConnectReads(Engine.Connect(controller, controller, EndpointController.ReadInlet, settings.ReadLatency));

        var interrupts = AddInterrupts(path, partition, controller, settings, out var devices);
        for (var number = 0; number < definition.Functions.Count; number++)
        {
            var credits = RootComplex.InsideCredits(link, settings.SoftwareLatency);
            var memory = new LocalMemory(settings.LocalMemory, (ulong)(number * BarMemory.FunctionLocalBytes), (ulong)BarMemory.FunctionLocalBytes);
            var actor = new BoundFunctionActor(BoundModelOf(definition.Functions[number]), profile, memory, settings.SoftwareLatency, in credits);
            var functionPath = TopologyInstances.FunctionPath(path, number);
            Engine.Spawn(new Props(new ActorPath(functionPath), actor, partition, SupervisorDirective.Stop));
            _fabric.BoundFunctions.Add(functionPath, actor);
            actor.Connect(Engine.Connect(actor, controller, EndpointController.InletOfSoftware(number), settings.SoftwareLatency));
            actor.Connect(devices);
            interrupts.ConnectSoftware(Engine, number, actor, settings.SoftwareLatency);
            controller.ConnectSoftware(number, Way(controller, actor, BoundFunctionActor.ControllerInlet, settings.SoftwareLatency), in credits);
        }
    }

    /// <summary>What turns a host's write into an interrupt of the endpoint's software, as the profile has it.</summary>
    private EndpointInterrupts AddInterrupts(string path, int partition, EndpointController controller, EndpointControllerSettings settings, out DoorbellDevices devices)
    {
        var interrupts = new EndpointInterrupts();
        devices = new DoorbellDevices();
        if (settings.Profile.InterruptController is { } profile)
        {
            interrupts.Messages = new MessageInterruptController(settings.Functions, profile.Doorbells, InterruptLatency);
            devices = devices with { Interrupts = AddDevice($"{path}/interrupts", partition, settings, interrupts.Messages, controller) };
            if (profile.Ims)
            {
                interrupts.Store = new InterruptMessageStore(settings.Functions, profile.Doorbells, settings.LocalMemory, devices.Interrupts!.Value + MessageInterruptController.Translation, InterruptLatency);
                devices = devices with { MessageStore = AddDevice($"{path}/messages", partition, settings, interrupts.Store, controller) };
                interrupts.Store.ConnectInterrupts(Engine.Connect(interrupts.Store, interrupts.Messages, LocalDevice.BusInlet, InterruptLatency));
            }
        }
        if (settings.Profile.EmbeddedDoorbell is { } place)
        {
            interrupts.Embedded = new EmbeddedDoorbell(settings.Functions, InterruptLatency);
            var address = AddDevice($"{path}/dma", partition, settings, interrupts.Embedded, controller, AuxiliaryResourceKind.DmaControl);
            devices = devices with { DmaControl = address, EmbeddedBar = place.Bar, EmbeddedOffset = place.Offset };
        }
        if (interrupts.IsThere) _fabric.EndpointInterrupts.Add(path, interrupts);
        return interrupts;
    }

    private ulong AddDevice(string path, int partition, EndpointControllerSettings settings, LocalDevice device, EndpointController controller, AuxiliaryResourceKind? shownAs = null)
    {
        Engine.Spawn(new Props(new ActorPath(path), device, partition));
        var bus = Engine.Connect(controller, device, LocalDevice.BusInlet, settings.SoftwareLatency);
        device.ConnectController(Engine.Connect(device, controller, EndpointController.DeviceInlet, InterruptLatency));
        return shownAs is { } kind ? controller.ConnectDevice(bus, kind) : controller.ConnectDevice(bus);
    }

    private BoundFunction BoundModelOf(FunctionDefinition function)
    {
        if (_options.BoundModels.TryGetValue(function.Model, out var make) || BoundFunctionModels.Known.TryGetValue(function.Model, out make)) return make(function);
        var known = _options.BoundModels.Keys.Concat(BoundFunctionModels.Known.Keys).Order(StringComparer.Ordinal).ToArray();
        var hint = DidYouMean.For(function.Model, known) ?? $"models for controllers: {string.Join(", ", known)}";
        throw new InputException($"'{function.Model}' of function {function.Name} is no software for a controller", hint, function.ModelSource);
    }
}
