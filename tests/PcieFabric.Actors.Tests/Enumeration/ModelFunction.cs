using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.ConfigSpaces.Functions;

namespace PcieFabric.Actors.Tests.Enumeration;

/// <summary>A function with a real configuration space, and what hangs below it.</summary>
internal sealed class ModelFunction(FunctionLayout layout, int number, params IEnumerable<ModelFunction> below)
{
    public FunctionLayout Layout { get; } = layout;
    public ConfigSpace Space { get; } = new(layout);

    /// <summary>Device and function as the low eight bits of the Routing ID.</summary>
    public int Number { get; } = number;

    public ModelFunction[] Below { get; } = [.. below.OrderBy(f => f.Number)];
    public Type1Header? Bridge => (Layout as BridgeLayout)?.Bridge;

    /// <summary>There is a link below, with room for one device.</summary>
    public bool HasLinkBelow => Layout.Express.Type.IsDownstream();

    public bool ForwardsAri => Layout.Express.Device.AriForwardingEnable is { } enable && Space[enable];
    public int SecondaryBus => (int)Space[Bridge!.SecondaryBus];
    public int SubordinateBus => (int)Space[Bridge!.SubordinateBus];
    public bool Decodes => Space[Layout.Header.Command.MemorySpaceEnable] || Space[Layout.Header.Command.IoSpaceEnable];

    public IEnumerable<ModelFunction> DepthFirst() => Below.SelectMany(f => f.DepthFirst()).Prepend(this);

    public ModelFunction MultiFunction()
    {
        Space[Layout.Header.MultiFunction] = true;
        return this;
    }
}
