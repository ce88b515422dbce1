using PcieFabric.Documents;
using PcieFabric.Documents.Shapes;
using PcieFabric.EndpointControllers.Profiles;
using PcieFabric.Input;
using PcieFabric.Links;

namespace PcieFabric.Topologies.Reading;

/// <summary>Turns the names of a draft into references. Each part is made once, however often it is attached.</summary>
internal sealed class PartResolver
{
    /// <summary>Switches in a row. Each takes two buses, so that a longer row can in no case be enumerated.</summary>
    private const int MostLevels = Limits.MaxBusesPerSegment / 2;

    private readonly TopologyDraft _draft;
    private readonly LinkSettings _defaultLink;
    private readonly Dictionary<string, FunctionDefinition> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Named<EndpointDraft>> _endpoints = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Named<SwitchDraft>> _switches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PartDefinition> _parts = new(StringComparer.Ordinal);

    /// <summary>Switches that are being resolved, from the outermost in: meeting one of them again is a circle.</summary>
    private readonly List<string> _open = [];

    public PartResolver(TopologyDraft draft)
    {
        _draft = draft;
        _defaultLink = draft.DefaultLink.ToSettings();
        foreach (var (name, at, function) in draft.Functions)
        {
            var named = function with { Name = name, Source = at };
            // What only the whole of a configuration space can break; with ARI it is largest.
            var layout = named.CreateLayout(_defaultLink, ari: true);
            if (named.VirtualFunction is not null) named.CreateVirtualLayout(layout, ari: true);
            _functions.Add(name, named);
        }
        foreach (var endpoint in draft.Endpoints)
            _endpoints.Add(NotReserved(endpoint.Name, endpoint.At), endpoint);
        foreach (var fan in draft.Switches)
        {
            if (_endpoints.TryGetValue(NotReserved(fan.Name, fan.At), out var endpoint))
                throw new InputException($"'{fan.Name}' names a switch and an endpoint", $"the endpoint is at line {endpoint.At.Line}; 'attach' has to tell them apart", fan.At);
            _switches.Add(fan.Name, fan);
        }
    }

    public TopologyDefinition Resolve()
    {
        // Parts that nothing is attached to are checked too: they are there to be used.
        foreach (var (name, at, _) in _draft.Endpoints)
            Part(new Located<string>(name, at));
        foreach (var (name, at, _) in _draft.Switches)
            Part(new Located<string>(name, at));
        return new TopologyDefinition
        {
            Name = _draft.Name,
            Description = _draft.Description,
            Hosts = Hosts(),
            Partitions = _draft.Partitions,
            Source = _draft.Source,
        };
    }

    private List<HostDefinition> Hosts()
    {
        var hosts = new List<HostDefinition>();
        var names = new Dictionary<string, SourceLocation>(StringComparer.Ordinal);
        foreach (var (name, at, draft) in _draft.Hosts)
        {
            var host = draft.Settings with { RootComplexes = RootComplexes(draft, at), Source = at };
            for (var i = 0; i < (draft.Count?.Value ?? 1); i++)
            {
                var full = draft.Count is null ? name : $"{name}{i}";
                if (!names.TryAdd(full, at))
                    throw new InputException($"two hosts are called '{full}'", $"the other is at line {names[full].Line}", at);
                if (hosts.Count == Limits.MaxHosts)
                    throw new InputException($"more than {Limits.MaxHosts} hosts", "lower 'count'", draft.Count?.At ?? at);
                hosts.Add(host with { Name = full });
            }
        }
        return hosts;
    }

    private List<RootComplexDefinition> RootComplexes(HostDraft host, SourceLocation hostAt)
    {
        var windows = DefaultWindows.For(host.RootComplexes.Count);
        var rootComplexes = new List<RootComplexDefinition>();
        foreach (var (name, at, draft) in host.RootComplexes)
        {
            var place = rootComplexes.Count;
            var source = name.Length == 0 ? hostAt : at;
            var rootComplex = new RootComplexDefinition
            {
                Name = name,
                Segment = draft.Segment?.Value ?? place,
                MemoryWindow = draft.MemoryWindow?.Value ?? windows[place].Memory,
                PrefetchableWindow = draft.PrefetchableWindow?.Value ?? windows[place].Prefetchable,
                IoWindow = draft.IoWindow?.Value ?? windows[place].Io,
                PeerToPeer = draft.PeerToPeer.Policy,
                AllowedPeers = draft.PeerToPeer.Allow,
                Acs = draft.Acs,
                HostBridge = draft.HostBridge,
                Ports = Ports(draft.Ports, Limits.MaxRootPorts),
                Source = source,
            };
            WindowRules.Check(rootComplex, host.Settings, draft, rootComplexes);
            rootComplexes.Add(rootComplex);
        }
        return rootComplexes;
    }

    private List<PortDefinition> Ports(IReadOnlyList<PortDraft> drafts, int most)
    {
        var ports = new List<PortDefinition>();
        foreach (var draft in drafts)
        {
            if (ports.Count + draft.Count.Value > most)
                throw new InputException($"more than {most} {(most == Limits.MaxRootPorts ? "root" : "downstream")} ports", "a bus has 32 devices of 8 functions, and the first of bus 0 is the host bridge", draft.Count.At);
            var port = new PortDefinition
            {
                Attached = draft.Attach.Value == PartSchema.NoPart ? null : Part(draft.Attach),
                Link = ReferenceEquals(draft.Link, LinkOverrides.Nothing) ? _defaultLink : draft.Link.Over(_draft.DefaultLink).ToSettings(),
                Source = draft.Source,
            };
            ports.AddRange(Enumerable.Repeat(port, draft.Count.Value));
        }
        return ports;
    }

    private PartDefinition Part(Located<string> reference)
    {
        var (name, at) = reference;
        if (_parts.TryGetValue(name, out var part))
            return part;
        if (_open.Contains(name))
            throw new InputException($"the attachments form a cycle: {string.Join(" -> ", _open.SkipWhile(open => open != name))} -> {name}", "a fabric is a tree", at);
        if (_open.Count == MostLevels)
            throw new InputException($"more than {MostLevels} switches in a row", $"a segment has {Limits.MaxBusesPerSegment} buses", at);
        if (_endpoints.TryGetValue(name, out var endpoint))
            part = Endpoint(endpoint);
        else if (_switches.TryGetValue(name, out var fan))
            part = Switch(fan);
        else
            throw new InputException($"there is no endpoint or switch '{name}'", _functions.ContainsKey(name) ? "it is a function: put it into an endpoint" : Suggestion.For(name, [.. _endpoints.Keys, .. _switches.Keys]), at);
        return _parts[name] = part;
    }

    private SwitchDefinition Switch(Named<SwitchDraft> draft)
    {
        _open.Add(draft.Name);
        var ports = Ports(draft.Value.Ports, Limits.MaxPorts);
        _open.RemoveAt(_open.Count - 1);
        return draft.Value.Settings with { Name = draft.Name, Ports = ports, Source = draft.At };
    }

    private EndpointDefinition Endpoint(Named<EndpointDraft> draft)
    {
        var functions = new List<FunctionDefinition>();
        var virtualFunctions = new List<IReadOnlyList<FunctionDefinition>>();
        foreach (var (kind, count, below) in draft.Value.Functions)
        {
            functions.AddRange(Enumerable.Repeat(Function(kind), count));
            IReadOnlyList<FunctionDefinition> each = below is null ? [] : [.. Enumerable.Repeat(Function(below.Kind), below.Count)];
            virtualFunctions.AddRange(Enumerable.Repeat(each, count));
        }
        var most = draft.Value.Settings.Ari ? Limits.MaxAriFunctions : Limits.MaxFunctions;
        if (functions.Count > most)
            throw new InputException($"endpoint '{draft.Name}' has {functions.Count} functions, at most {most} are possible", draft.Value.Settings.Ari ? "use a second endpoint" : $"'ari: true' makes {Limits.MaxAriFunctions} possible", draft.Value.FunctionsSource);
        CheckVirtualFunctions(draft, functions);
        var controller = draft.Value.Controller is { } reference ? Controller(reference) : null;
        if (controller is not null && functions.Count > controller.MaxFunctions)
            throw new InputException($"controller '{controller.Name}' has {controller.MaxFunctions} functions, endpoint '{draft.Name}' {functions.Count}", "use a second endpoint", draft.Value.FunctionsSource);
        if (controller is not null && draft.Value.Settings.Ari)
            throw new InputException($"endpoint '{draft.Name}' has a controller, which gives its functions ARI where they need it", "leave 'ari' out", draft.At);
        CheckVirtualFunctions(draft, controller);
        return draft.Value.Settings with
        {
            Name = draft.Name,
            Functions = functions,
            VirtualFunctions = virtualFunctions.Exists(each => each.Count > 0) ? virtualFunctions : Array.Empty<IReadOnlyList<FunctionDefinition>>(),
            Controller = controller,
            Source = draft.At,
        };
    }

    private FunctionDefinition Function(Located<string> kind) => _functions.TryGetValue(kind.Value, out var function)
        ? function
        : throw new InputException($"there is no function '{kind.Value}'", Suggestion.For(kind.Value, _functions.Keys), kind.At);

    private static void CheckVirtualFunctions(Named<EndpointDraft> draft, ControllerProfile? controller)
    {
        foreach (var (_, _, below) in draft.Value.Functions)
        {
            if (below is null)
                continue;
            if (controller is null)
                throw new InputException($"endpoint '{draft.Name}' has no controller to bind virtual functions to", "give the function the capability 'sr-iov'", below.Source);
            if (below.Count > controller.MaxVirtualFunctions)
            {
                throw new InputException($"controller '{controller.Name}' has {controller.MaxVirtualFunctions} virtual functions for each function, endpoint '{draft.Name}' wants {below.Count}",
                    controller.MaxVirtualFunctions == 0 ? "cadence has some" : "a lower 'count'", below.Source);
            }
        }
    }

    private ControllerProfile Controller(Located<string> reference)
    {
        foreach (var (name, _, profile) in _draft.Controllers)
            if (name == reference.Value)
                return profile with { Name = name };
        return ControllerProfiles.Find(reference.Value)
            ?? throw new InputException($"there is no controller '{reference.Value}'", Suggestion.For(reference.Value, [.. _draft.Controllers.Select(c => c.Name), .. ControllerProfiles.Names]), reference.At);
    }

    // PCIe 6.0 section 9.2.1.2: no two functions, physical or virtual, have the same Routing ID.
    private static void CheckVirtualFunctions(Named<EndpointDraft> draft, List<FunctionDefinition> functions)
    {
        var owners = new Dictionary<int, string>();
        for (var number = 0; number < functions.Count; number++)
            owners.Add(number, $"function {number}");
        for (var number = 0; number < functions.Count; number++)
        {
            if (functions[number].Capabilities.SrIov?.Options is not { } sriov)
                continue;
            for (var vf = 0; vf < sriov.TotalVfs; vf++)
            {
                var id = number + sriov.FirstVfOffset + vf * sriov.VfStride;
                if (!owners.TryAdd(id, $"VF {vf + 1} of function {number}"))
                {
                    throw new InputException($"in endpoint '{draft.Name}', VF {vf + 1} of function {number} has the Routing ID of {owners[id]}",
                        "choose 'first-vf-offset' and 'vf-stride' so that they differ", draft.Value.FunctionsSource);
                }
            }
        }
        // A link reaches device 0 alone (section 7.3.1); with ARI a function number takes the bits of the device.
        if (draft.Value.Settings.Ari || owners.Keys.FirstOrDefault(id => (id & 0xFF) >= Limits.MaxFunctions, -1) is not (>= 0 and var lost))
            return;
        throw new InputException($"in endpoint '{draft.Name}', {owners[lost]} would be device {(lost & 0xFF) >> 3} of its bus, and a link leads to device 0 alone",
            "'ari: true', or a 'first-vf-offset' and a 'vf-stride' that stay below function 8 of each bus", draft.Value.FunctionsSource);
    }

    private static string NotReserved(string name, SourceLocation at) =>
        name == PartSchema.NoPart ? throw new InputException($"a part cannot be called '{name}'", "'attach' uses the word for an empty slot", at) : name;
}
