using System.Runtime.CompilerServices;
using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Links;

namespace PcieFabric.Topologies.Building;

/// <summary>The configuration space layouts of one fabric: one for each kind of port or function on each kind of link, shared by all of its uses.</summary>
internal sealed class LayoutShelf
{
    private readonly Dictionary<(PortType, FunctionIdentity, AcsControls?, LinkSettings), BridgeLayout> _ports = [];
    private readonly Dictionary<(FunctionDefinition Function, LinkSettings Link, bool Ari), EndpointFunctionLayout> _functions = new(new ByReference());

    /// <param name="acs">What a downstream port's ACS capability offers; null for what ports usually do.</param>
    public BridgeLayout Of(PortType type, FunctionIdentity identity, AcsControls? acs, LinkSettings link)
    {
        var key = (type, identity, acs, link);
        if (_ports.TryGetValue(key, out var layout)) return layout;
        var express = FunctionLayouts.Express(link) with
        {
            Slot = type.IsDownstream() ? new SlotOptions() : null,
            Atomics = AtomicSupport.Routing,
            EndEndTlpPrefixes = true,
        };
        layout = new BridgeLayout(type, identity, express, acs is { } controls ? [new AcsCapability(controls)] : []);
        _ports.Add(key, layout);
        return layout;
    }

    /// <inheritdoc cref="FunctionLayouts.CreateLayout"/>
    public EndpointFunctionLayout Of(FunctionDefinition function, LinkSettings link, bool ari)
    {
        if (_functions.TryGetValue((function, link, ari), out var layout)) return layout;
        layout = function.CreateLayout(link, ari);
        _functions.Add((function, link, ari), layout);
        return layout;
    }

    /// <summary>Definitions are shared objects: identity is enough, and quicker than comparing all that they hold.</summary>
    private sealed class ByReference : IEqualityComparer<(FunctionDefinition Function, LinkSettings Link, bool Ari)>
    {
        public bool Equals((FunctionDefinition Function, LinkSettings Link, bool Ari) x, (FunctionDefinition Function, LinkSettings Link, bool Ari) y) =>
            ReferenceEquals(x.Function, y.Function) && x.Ari == y.Ari && x.Link == y.Link;

        public int GetHashCode((FunctionDefinition Function, LinkSettings Link, bool Ari) key) => RuntimeHelpers.GetHashCode(key.Function);
    }
}
