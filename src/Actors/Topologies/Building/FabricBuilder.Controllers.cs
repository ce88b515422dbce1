using PcieFabric.DmaEngines;
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
            VirtualFunctions = [.. definition.VirtualFunctions.Select(each => each.Count)],
        };
        var controller = new EndpointController(settings);
        Engine.Spawn(new Props(new ActorPath(path), controller, partition));
        _fabric.Controllers.Add(path, controller);
        ConnectLink(above, aboveLink, controller, BridgePort.LinkInlet, EndpointController.LinkInlet, controller.Link, link);
        // Until the controller starts, the port above sees an empty slot.
        aboveLink.StartAlone();
        controller.ConnectReads(Engine.Connect(controller, controller, EndpointController.ReadInlet, settings.ReadLatency));

        var dma = AddDma(path, partition, controller, link, settings, out var dmaRegisters);
        var interrupts = AddInterrupts(path, partition, controller, settings, dmaRegisters, out var devices);
        var local = new LocalParts(dma, dmaRegisters, interrupts, devices);
        var place = 0;
        for (; place < definition.Functions.Count; place++)
            AddSoftware(TopologyInstances.FunctionPath(path, place), controller, settings, place, definition.Functions[place], profile, partition, local);
        for (var number = 0; number < definition.VirtualFunctions.Count; number++)
        {
            var below = definition.VirtualFunctions[number];
            for (var vf = 0; vf < below.Count; vf++, place++)
                AddSoftware(TopologyInstances.VirtualFunctionPath(TopologyInstances.FunctionPath(path, number), vf), controller, settings, place, below[vf], profile.OfVirtualFunction, partition, local, vf + 1);
        }
    }

    private void AddSoftware(
        string path, EndpointController controller, EndpointControllerSettings settings, int place, FunctionDefinition function, ControllerProfile features, int partition,
        LocalParts local, int virtualFunction = 0)
    {
        var credits = RootComplex.InsideCredits(settings.Link, settings.SoftwareLatency);
        var memory = new LocalMemory(settings.LocalMemory, (ulong)(place * BarMemory.FunctionLocalBytes), (ulong)BarMemory.FunctionLocalBytes);
        var actor = new BoundFunctionActor(BoundModelOf(function), features, memory, settings.SoftwareLatency, in credits, virtualFunction);
        Engine.Spawn(new Props(new ActorPath(path), actor, partition, SupervisorDirective.Stop));
        _fabric.BoundFunctions.Add(path, actor);
        actor.Connect(Engine.Connect(actor, controller, EndpointController.InletOfSoftware(place), settings.SoftwareLatency));
        local.Dma?.ConnectProcessor(place, Engine.Connect(local.Dma, actor, BoundFunctionActor.InterruptInlet, settings.SoftwareLatency));
        if (local.Dma is not null) actor.ConnectDma(local.DmaRegisters, place, settings.Places);
        actor.Connect(local.Devices);
        local.Interrupts.ConnectSoftware(Engine, place, actor, settings.SoftwareLatency);
        controller.ConnectSoftware(place, Way(controller, actor, BoundFunctionActor.ControllerInlet, settings.SoftwareLatency), in credits);
    }

    /// <summary>What stands beside a controller, for the software of its functions.</summary>
    private sealed record LocalParts(DmaEngine? Dma, ulong DmaRegisters, EndpointInterrupts Interrupts, DoorbellDevices Devices);

    /// <summary>The DMA engine that the profile has, in the controller's partition as it uses the same memory.</summary>
    /// <param name="registers">Its local address.</param>
    private DmaEngine? AddDma(string path, int partition, EndpointController controller, LinkSettings link, EndpointControllerSettings settings, out ulong registers)
    {
        registers = 0;
        var profile = settings.Profile.Dma;
        if (profile.Kind == DmaKind.None) return null;
        var latency = settings.SoftwareLatency;
        var credits = RootComplex.InsideCredits(link, latency);
        var own = new DmaEngineSettings { LocalMemory = settings.LocalMemory, Functions = settings.Places, Credits = credits, Latency = latency };
        DmaEngine engine = profile.Kind == DmaKind.MemoryCopy ? new MemcpyEngine(own) : new EmbeddedDma(own, profile.WriteChannels, profile.ReadChannels);
        Engine.Spawn(new Props(new ActorPath($"{path}/dma"), engine, partition));
        _fabric.DmaEngines.Add(path, engine);
        var toEngine = Way(controller, engine, LocalDevice.BusInlet, latency);
        engine.ConnectController(Engine.Connect(engine, controller, EndpointController.DeviceInlet, latency));
        engine.ConnectBus(Engine.Connect(engine, controller, EndpointController.DmaInlet, latency));
        controller.ConnectDma(toEngine, in credits);
        registers = profile.Kind == DmaKind.Embedded ? controller.ConnectDevice(toEngine.Tlps, AuxiliaryResourceKind.DmaControl) : controller.ConnectDevice(toEngine.Tlps);
        return engine;
    }

    /// <summary>What turns a host's write into an interrupt of the endpoint's software, as the profile has it.</summary>
    /// <param name="dma">The local address of the DMA engine.</param>
    private EndpointInterrupts AddInterrupts(string path, int partition, EndpointController controller, EndpointControllerSettings settings, ulong dma, out DoorbellDevices devices)
    {
        var interrupts = new EndpointInterrupts();
        devices = new DoorbellDevices();
        if (settings.Profile.InterruptController is { } profile)
        {
            interrupts.Messages = new MessageInterruptController(settings.Places, profile.Doorbells, InterruptLatency);
            devices = devices with { Interrupts = AddDevice($"{path}/interrupts", partition, settings, interrupts.Messages, controller) };
            if (profile.Ims)
            {
                interrupts.Store = new InterruptMessageStore(settings.Places, profile.Doorbells, settings.LocalMemory, devices.Interrupts!.Value + MessageInterruptController.Translation, InterruptLatency);
                devices = devices with { MessageStore = AddDevice($"{path}/messages", partition, settings, interrupts.Store, controller) };
                interrupts.Store.ConnectInterrupts(Engine.Connect(interrupts.Store, interrupts.Messages, LocalDevice.BusInlet, InterruptLatency));
            }
        }
        if (settings.Profile.Dma.Kind == DmaKind.Embedded)
        {
            var (bar, offset) = settings.Profile.ShownDma ?? (-1, 0);
            var register = EmbeddedDmaRegisters.Read.InterruptStatus;
            devices = devices with { Embedded = dma + register, EmbeddedBar = bar, EmbeddedOffset = offset + register };
        }
        if (interrupts.Messages is not null) _fabric.EndpointInterrupts.Add(path, interrupts);
        return interrupts;
    }

    private ulong AddDevice(string path, int partition, EndpointControllerSettings settings, LocalDevice device, EndpointController controller)
    {
        Engine.Spawn(new Props(new ActorPath(path), device, partition));
        var bus = Engine.Connect(controller, device, LocalDevice.BusInlet, settings.SoftwareLatency);
        device.ConnectController(Engine.Connect(device, controller, EndpointController.DeviceInlet, InterruptLatency));
        return controller.ConnectDevice(bus);
    }

    private BoundFunction BoundModelOf(FunctionDefinition function)
    {
        if (_options.BoundModels.TryGetValue(function.Model, out var make) || BoundFunctionModels.Known.TryGetValue(function.Model, out make)) return make(function);
        var known = _options.BoundModels.Keys.Concat(BoundFunctionModels.Known.Keys).Order(StringComparer.Ordinal).ToArray();
        var hint = DidYouMean.For(function.Model, known) ?? $"models for controllers: {string.Join(", ", known)}";
        throw new InputException($"'{function.Model}' of function {function.Name} is no software for a controller", hint, function.ModelSource);
    }
}
