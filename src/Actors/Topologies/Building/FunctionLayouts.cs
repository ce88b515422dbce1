using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Links;

namespace PcieFabric.Topologies.Building;

/// <summary>The configuration space layouts of a topology's functions: one for each kind of function on each kind of link, shared by all of its uses.</summary>
internal sealed class FunctionLayouts
{
    private readonly Dictionary<(FunctionDefinition Function, LinkSettings Link, bool Ari), EndpointFunctionLayout> _known = new(new ByReference());
    private readonly Dictionary<EndpointFunctionLayout, EndpointFunctionLayout> _virtual = [];

    public EndpointFunctionLayout Of(FunctionDefinition function, LinkSettings link, bool ari)
    {
        if (!_known.TryGetValue((function, link, ari), out var layout))
            _known.Add((function, link, ari), layout = function.CreateLayout(link, ari));
        return layout;
    }

    /// <summary>That of the virtual functions of a function with SR-IOV.</summary>
    public EndpointFunctionLayout OfVirtual(FunctionDefinition function, LinkSettings link, bool ari)
    {
        var physical = Of(function, link, ari);
        if (!_virtual.TryGetValue(physical, out var layout))
            _virtual.Add(physical, layout = function.CreateVirtualLayout(physical, ari));
        return layout;
    }

    /// <summary>Definitions are shared objects: identity is enough, and quicker than comparing all that they hold.</summary>
    private sealed class ByReference : IEqualityComparer<(FunctionDefinition Function, LinkSettings Link, bool Ari)>
    {
        public bool Equals((FunctionDefinition Function, LinkSettings Link, bool Ari) x, (FunctionDefinition Function, LinkSettings Link, bool Ari) y) =>
            ReferenceEquals(x.Function, y.Function) && x.Ari == y.Ari && (ReferenceEquals(x.Link, y.Link) || x.Link == y.Link);

        public int GetHashCode((FunctionDefinition Function, LinkSettings Link, bool Ari) key) =>
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key.Function);
    }
}
