using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.EndpointFunctions;
using PcieFabric.Endpoints;
using PcieFabric.Engine;
using PcieFabric.Input;
using PcieFabric.InterruptControllers;
using PcieFabric.Iommus;
using PcieFabric.Links;
using PcieFabric.Ports;
using PcieFabric.RootComplexes;
using PcieFabric.Switches;

namespace PcieFabric.Topologies.Building;

/// <summary>
/// Makes actors out of a topology and wires them. Actors and channels are made in the order of the topology, depth first, which fixes their numbers.
/// </summary>
public sealed partial class FabricBuilder
{
    private static readonly SimTime InterruptLatency = SimTime.FromNanoseconds(20);
    private static readonly SimTime CreditLatency = new(1);

    private readonly FabricOptions _options;
    private readonly FunctionLayouts _layouts = new();
    private readonly Dictionary<(object Part, LinkSettings Link), BridgeLayout> _bridges = [];
    private readonly RegisterWindows _registers = new();
    private readonly PartitionPlan _plan;
    private readonly Fabric _fabric;
    private int _endpoints;
    private uint _slots;

    /// <summary>The root complex in hand has an allow-list of peers, so that the switches below it have guards.</summary>
    private bool _guarded;

    private FabricBuilder(Fabric fabric, PartitionPlan plan, FabricOptions options) => (_fabric, _plan, _options) = (fabric, plan, options);

    private DeterministicEngine Engine => _fabric.Engine;

    /// <exception cref="InputException">The topology asks for what cannot be, such as an unknown model.</exception>
    public static Fabric Build(TopologyDefinition topology, FabricOptions? options = null)
    {
        options ??= new FabricOptions();
        var plan = new PartitionPlan(topology, options.Partitions);
        var fabric = new Fabric(topology, new DeterministicEngine(options.Seed, plan.Partitions), new SharedMemory("pciefabric", BarMemory.Footprint(topology)));
        try
        {
            var builder = new FabricBuilder(fabric, plan, options);
            foreach (var host in topology.Hosts) builder.AddHost(host);
            return fabric;
        }
        catch
        {
            fabric.Dispose();
            throw;
        }
    }

    private void AddHost(HostDefinition host)
    {
        _slots = 0;
        var hierarchies = new List<Hierarchy>();
        var ports = new List<(string Path, PortDefinition Definition, int Place, RootComplexDefinition Root)>();
        foreach (var root in host.RootComplexes)
        {
            var path = root.Name.Length == 0 ? host.Name : $"{host.Name}/{root.Name}";
            hierarchies.Add(new Hierarchy(root.Name, root.Segment, root.MemoryWindow, root.PrefetchableWindow, root.IoWindow, root.PeerToPeer, ports.Count, root.Ports.Count)
            {
                HostBridge = root.HostBridge,
                ShowsHostBridge = PortDefinition.ShareHostBridge(root.Ports.Count),
                PeerAllow = PeerAllowList.Of(host, hierarchies.Count),
            });
            for (var place = 0; place < root.Ports.Count; place++) ports.Add((TopologyInstances.RootPortPath(path, place), root.Ports[place], place, root));
        }

        var rootComplex = new RootComplex(new RootComplexSettings
        {
            Hierarchies = hierarchies,
            Memory = new HostMemory(_fabric.Memory, host.MemoryBytes),
            Processor = host.Processor,
            MemoryLatency = host.MemoryLatency,
            PortLatency = host.PortLatency,
            HasIommu = host.Iommu is not null,
            ReadCompletionBoundary = ports.Count == 0 ? 64 : ports[0].Definition.Link.ReadCompletionBoundary,
        });
        var interrupts = new HostInterruptController(InterruptLatency);
        var partition = _plan.Next(host.Name);
        Engine.Spawn(new Props(new ActorPath(host.Name), rootComplex, partition));
        Engine.Spawn(new Props(new ActorPath($"{host.Name}/interrupts"), interrupts, partition));
        _fabric.Hosts.Add(host.Name, rootComplex);
        interrupts.Connect(Engine.Connect(interrupts, rootComplex, rootComplex.InletOfInterrupts, InterruptLatency));
        for (var h = 0; h < hierarchies.Count; h++)
            rootComplex.ConnectRequester(h, Engine.Connect(rootComplex, rootComplex, RootComplex.InletOfRequester(h), CreditLatency));

        if (_options.HasInputs) rootComplex.ConnectInputs(Engine.Connect(rootComplex, rootComplex, rootComplex.InletOfInputs, CreditLatency));

        var iommu = host.Iommu is { } settings ? AddIommu(host.Name, settings, rootComplex, interrupts, ports.Count, partition) : null;
        for (var port = 0; port < ports.Count; port++) AddRootPort(rootComplex, interrupts, iommu, port, ports[port].Path, ports[port].Definition, ports[port].Place, ports[port].Root, partition);
    }

    private Iommu AddIommu(string host, IommuSettings settings, RootComplex rootComplex, HostInterruptController interrupts, int ports, int partition)
    {
        var place = rootComplex.Settings;
        var iommu = new Iommu(settings, ports, place.PortLatency, place.MemoryLatency);
        Engine.Spawn(new Props(new ActorPath($"{host}/iommu"), iommu, partition));
        _fabric.Iommus.Add(host, iommu);
        iommu.Connect(Engine.Connect(iommu, rootComplex, rootComplex.InletOfIommu, place.PortLatency), Engine.Connect(iommu, interrupts, ports, place.PortLatency));
        rootComplex.ConnectIommu(Engine.Connect(rootComplex, iommu, Iommu.CommandInlet, CreditLatency));
        for (var h = 0; h < place.Hierarchies.Count; h++)
        {
            var hierarchy = place.Hierarchies[h];
            for (var port = hierarchy.FirstPort; port < hierarchy.FirstPort + hierarchy.Ports; port++)
                iommu.ConnectPort(port, h, Engine.Connect(iommu, rootComplex, rootComplex.InletOfPort(port), CreditLatency), hierarchy.Memory, hierarchy.Prefetchable);
        }
        return iommu;
    }

    private void AddRootPort(RootComplex rootComplex, HostInterruptController interrupts, Iommu? iommu, int port, string path, PortDefinition definition, int place, RootComplexDefinition root, int partition)
    {
        var link = definition.Link;
        var latency = rootComplex.Settings.PortLatency;
        _guarded = root.AllowedPeers is not null;
        var slot = NextSlot();
        var rootPort = new RootPort(new BridgePortSettings
        {
            Layout = BridgeLayoutOf(link, PortType.RootPort, new FunctionIdentity(0x1B36, 0x000C, BridgeLayout.ClassCode), new PortAccess(root.Acs, root.Ports.Count, HasGuard: false)),
            Link = link,
            PartnerCutsThrough = CutsThrough(definition.Attached),
            Device = (byte)PortDefinition.RootDeviceNumber(place),
            Function = (byte)PortDefinition.RootFunctionNumber(place),
            Peers = 1,
            Latency = latency,
            Initialize = space => InitializePort(space, place, slot, IsPresent(definition), isMultiFunction: root.Ports.Count > 31),
        });
        Engine.Spawn(new Props(new ActorPath(path), rootPort, partition));
        _fabric.Ports.Add(path, rootPort);

        // What the root port holds for the root complex is not a link's, and has a grant of its own.
        var reads = Engine.Connect(rootComplex, rootComplex, rootComplex.InletOfReads(port), rootComplex.Settings.MemoryLatency);
        rootComplex.ConnectPort(port, Way(rootComplex, rootPort, BridgePort.InletOfPeer(0), latency), reads, Engine.Connect(rootComplex, interrupts, port, latency), link);
        var toRootComplex = Way(rootPort, rootComplex, rootComplex.InletOfPort(port), latency);
        if (iommu is not null) toRootComplex = toRootComplex with { Tlps = Engine.Connect(rootPort, iommu, Iommu.InletOfPort(port), latency) };
        rootPort.ConnectPeer(0, toRootComplex, RootComplex.InsideCredits(link, latency), link.MaxPayloadSize, egresses: 1);
        Attach(path, rootPort, rootPort.Link, link, definition, cutsThrough: false);
    }

    /// <param name="cutsThrough">The port above acts on a TLP's head.</param>
    private void Attach(string portPath, Actor port, LinkPort portLink, LinkSettings link, PortDefinition definition, bool cutsThrough)
    {
        switch (definition.Attached)
        {
            case SwitchDefinition fan:
                AddSwitch(portPath, port, portLink, link, fan, cutsThrough);
                break;
            case EndpointDefinition { Controller: { } profile } endpoint:
                AddController(portPath, port, portLink, link, endpoint, profile, cutsThrough);
                break;
            case EndpointDefinition endpoint:
                AddEndpoint(portPath, port, portLink, link, endpoint, cutsThrough);
                break;
        }
    }

    private void AddSwitch(string portPath, Actor above, LinkPort aboveLink, LinkSettings link, SwitchDefinition fan, bool aboveCutsThrough)
    {
        var path = TopologyInstances.PartPath(portPath, fan);
        var partition = _plan.Next(path);
        var peers = 1 + fan.Ports.Count;
        var cutsThrough = fan.Forwarding == Forwarding.CutThrough;
        var identity = new FunctionIdentity(fan.VendorId, fan.DeviceId, BridgeLayout.ClassCode, 0, fan.VendorId, fan.DeviceId);
        var ports = new BridgePort[peers];
        var links = new LinkSettings[peers];

        links[0] = link;
        ports[0] = new UpstreamPort(new BridgePortSettings
        {
            Layout = BridgeLayoutOf(link, PortType.UpstreamSwitchPort, identity, default),
            Link = link,
            PartnerCutsThrough = aboveCutsThrough,
            Peers = peers,
            Latency = fan.Latency,
        });
        for (var place = 0; place < fan.Ports.Count; place++)
        {
            var definition = fan.Ports[place];
            var number = place;
            var slot = NextSlot();
            links[place + 1] = definition.Link;
            ports[place + 1] = new DownstreamPort(new BridgePortSettings
            {
                Layout = BridgeLayoutOf(links[place + 1], PortType.DownstreamSwitchPort, identity, new PortAccess(fan.Acs, fan.Ports.Count, _guarded)),
                Link = links[place + 1],
                PartnerCutsThrough = CutsThrough(definition.Attached),
                Device = (byte)PortDefinition.DeviceNumber(place),
                Function = (byte)PortDefinition.FunctionNumber(place),
                Peers = peers,
                Latency = fan.Latency,
                Initialize = space => InitializePort(space, number, slot, IsPresent(definition), isMultiFunction: fan.Ports.Count > 32),
            });
        }

        for (var i = 0; i < peers; i++)
        {
            var portName = i == 0 ? TopologyInstances.UpstreamPortPath(path) : TopologyInstances.DownstreamPortPath(path, i - 1);
            Engine.Spawn(new Props(new ActorPath(portName), ports[i], partition));
            _fabric.Ports.Add(portName, ports[i]);
        }
        ConnectLink(above, aboveLink, ports[0], BridgePort.LinkInlet, BridgePort.LinkInlet, ports[0].Link, link);
        ConnectPeers(ports, links);
        for (var place = 0; place < fan.Ports.Count; place++)
            Attach(TopologyInstances.DownstreamPortPath(path, place), ports[place + 1], ports[place + 1].Link, links[place + 1], fan.Ports[place], cutsThrough);
    }

    private void ConnectPeers(BridgePort[] ports, LinkSettings[] links)
    {
        for (var from = 0; from < ports.Length; from++)
        {
            for (var to = 0; to < ports.Length; to++)
            {
                if (from == to) continue;
                ports[from].ConnectPeer(to, Way(ports[from], ports[to], BridgePort.InletOfPeer(from), ports[from].Settings.Latency), links[to].Credits, links[to].MaxPayloadSize, egresses: ports.Length - 1);
            }
        }
    }

    /// <summary>A way inside a component. Credits have a channel of their own, as they do not queue behind TLPs.</summary>
    private InsideWay Way(Actor from, Actor to, int inlet, SimTime latency) => Way(Engine, from, to, inlet, latency);

    private static InsideWay Way(IActorEngine engine, Actor from, Actor to, int inlet, SimTime latency) =>
        new(engine.Connect(from, to, inlet, latency), engine.Connect(from, to, inlet, CreditLatency));

    private void ConnectLink(Actor above, LinkPort aboveLink, Actor below, int aboveInlet, int belowInlet, LinkPort belowLink, LinkSettings link)
    {
        aboveLink.Connect(Engine.Connect(above, below, belowInlet, link.Propagation), Engine.Connect(above, below, belowInlet, link.Propagation));
        belowLink.Connect(Engine.Connect(below, above, aboveInlet, link.Propagation), Engine.Connect(below, above, aboveInlet, link.Propagation));
    }

    private void AddEndpoint(string portPath, Actor above, LinkPort aboveLink, LinkSettings link, EndpointDefinition definition, bool aboveCutsThrough)
    {
        var path = TopologyInstances.PartPath(portPath, definition);
        var partition = _plan.Next(path);
        var models = ModelsOf(definition);
        var bars = definition.Functions.Select((f, i) => BarMemory.Allocate(_fabric.Memory, f, models[i])).ToArray();
        var ordinal = (ulong)_endpoints++;
        var virtualFunctions = VirtualFunctionsOf(definition, link);
        var settings = new EndpointSettings
        {
            Link = link,
            PartnerCutsThrough = aboveCutsThrough,
            Ari = definition.Ari,
            ReadLatency = definition.ReadLatency,
            Functions =
            [
                .. definition.Functions.Select((function, number) => new FunctionSettings
                {
                    Layout = _layouts.Of(function, link, definition.Ari),
                    BarMemory = bars[number],
                    Registers = _registers.Of(function, models[number]),
                    Initialize = space => InitializeFunction(space, definition, function, number, ordinal),
                    VirtualFunctions = virtualFunctions.Settings[number],
                }),
            ],
        };
        var endpoint = new Endpoint(settings);
        Engine.Spawn(new Props(new ActorPath(path), endpoint, partition));
        _fabric.Endpoints.Add(path, endpoint);
        ConnectLink(above, aboveLink, endpoint, BridgePort.LinkInlet, Endpoint.LinkInlet, endpoint.Link, link);
        endpoint.ConnectReads(Engine.Connect(endpoint, endpoint, Endpoint.ReadInlet, settings.ReadLatency));

        var place = new ModelPlace(path, endpoint, link, settings.FunctionLatency, partition);
        for (var number = 0; number < models.Length; number++)
        {
            var sleeping = models.Skip(number).TakeWhile(model => model is { SleepsUntilReached: true }).Count();
            if (sleeping > 0) ReserveModels(place, number, [.. definition.Functions.Skip(number).Take(sleeping)], bars[number..(number + sleeping)]);
            else if (models[number] is { } model) AddModel(Engine, place, TopologyInstances.FunctionPath(path, number), number, model, bars[number], startsWhenTold: false);
            number += Math.Max(0, sleeping - 1);
        }
        foreach (var (number, vf, source, model, memory) in virtualFunctions.Models)
            AddModel(Engine, place, TopologyInstances.VirtualFunctionPath(TopologyInstances.FunctionPath(path, number), vf), source, model, memory, startsWhenTold: true);
    }

    private EndpointFunction? ModelOf(FunctionDefinition function)
    {
        if (_options.Models.TryGetValue(function.Model, out var make) || FunctionModels.Known.TryGetValue(function.Model, out make)) return make(function);
        var known = _options.Models.Keys.Concat(FunctionModels.Known.Keys).Order(StringComparer.Ordinal).ToArray();
        var hint = DidYouMean.For(function.Model, known) ?? $"known models: {string.Join(", ", known)}";
        throw new InputException($"unknown model '{function.Model}' of function {function.Name}", hint, function.ModelSource);
    }

    private BridgeLayout BridgeLayoutOf(LinkSettings link, PortType type, FunctionIdentity identity, PortAccess access)
    {
        var key = ((object)(type, identity, access), link);
        if (_bridges.TryGetValue(key, out var layout)) return layout;
        var slot = type.IsDownstream() ? new SlotOptions() : null;
        layout = new BridgeLayout(
            type,
            identity,
            new PciExpressOptions
            {
                MaxLinkSpeed = link.Generation.Number,
                MaxLinkWidth = link.Width.Lanes,
                MaxPayloadSizeSupported = link.MaxPayloadSize,
                Slot = slot,
                // Behind a root port is host memory, on which the root complex carries them out.
                Atomics = AtomicSupport.Routing | (type == PortType.RootPort ? AtomicSupport.Completer32 | AtomicSupport.Completer64 | AtomicSupport.Completer128 : 0),
                EndEndTlpPrefixes = true,
            },
            access.Capabilities(),
            accessControl: false);
        _bridges.Add(key, layout);
        return layout;
    }

    /// <summary>An endpoint with a controller is there once its software has started it.</summary>
    private static bool IsPresent(PortDefinition port) => port.Attached is not (null or EndpointDefinition { Controller: not null });

    /// <summary>What a port has to control peers with.</summary>
    private readonly record struct PortAccess(AcsControls Acs, int Peers, bool HasGuard)
    {
        public IEnumerable<Capability> Capabilities()
        {
            if (Acs != AcsControls.None) yield return new AcsCapability(Acs, Peers);
            if (HasGuard) yield return new PeerGuardCapability();
        }
    }

    private static bool CutsThrough(PartDefinition? part) => part is SwitchDefinition { Forwarding: Forwarding.CutThrough };

    /// <summary>Slots of one chassis, and a host is one, have numbers of their own from 1 on, in thirteen bits (PCIe 6.0 section 7.5.3.9).</summary>
    private uint NextSlot() => _slots++ % 8191 + 1;

    private static void InitializePort(ConfigSpace space, int number, uint slotNumber, bool isPresent, bool isMultiFunction)
    {
        var layout = (BridgeLayout)space.Layout;
        layout.Express.Link!.SetActive(space, isPresent);
        space[layout.Express.Link.PortNumber] = (uint)number & 0xFF;
        space[layout.Header.MultiFunction] = isMultiFunction;
        if (layout.Express.Slot is not { } slot) return;
        space[slot.PhysicalSlotNumber] = slotNumber;
        space[slot.PresenceDetectState] = isPresent;
    }

    private static void InitializeFunction(ConfigSpace space, EndpointDefinition endpoint, FunctionDefinition function, int number, ulong ordinal)
    {
        var layout = (EndpointFunctionLayout)space.Layout;
        var count = endpoint.Functions.Count;
        space[layout.Header.MultiFunction] = count > 1 && !endpoint.Ari;
        space[layout.Header.InterruptPin] = (uint)function.InterruptPin;
        if (layout.Ari is { } ari) space[ari.NextFunction] = number + 1 < count ? (uint)number + 1 : 0;
        if (layout.SrIov is { } virtualFunctions) space[virtualFunctions.FunctionDependencyLink] = (uint)number;
        // All functions of a device bear the same number, and no two devices do (PCIe 6.0 section 7.9.3).
        if (function.Capabilities.SerialNumber is { } serial) layout.SerialNumber!.SetSerialNumber(space, serial + ordinal);
    }
}
