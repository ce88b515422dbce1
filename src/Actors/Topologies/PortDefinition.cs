using PcieFabric.Input;
using PcieFabric.Links;

namespace PcieFabric.Topologies;

/// <summary>
/// A root port or a switch's downstream port: the link below it and what that link leads to. Ports that a <c>count</c> made
/// are the same object several times in their parent's list; their number is their place in it.
/// </summary>
public sealed record PortDefinition
{
    public LinkSettings Link { get; init; } = DefaultLink;

    /// <summary>A switch, an endpoint, or null: an empty slot, whose link is down.</summary>
    public PartDefinition? Attached { get; init; }

    public SourceLocation? Source { get; init; }

    /// <summary>The link of a port whose author said nothing of it.</summary>
    public static readonly LinkSettings DefaultLink = new();

    /// <summary>Device number of the root port with this place: places 0 to 30 are function 0 of devices 1 to 31, because device 0 is the host bridge's, and the last few share that.</summary>
    public static int RootDeviceNumber(int place) => place < PortsBesideHostBridge ? 1 + place % 31 : 0;

    /// <summary>Function number of the root port with this place; above zero only where there are more than 31.</summary>
    public static int RootFunctionNumber(int place) => place < PortsBesideHostBridge ? place / 31 : 1 + place - PortsBesideHostBridge;

    /// <summary>Whether some of so many root ports share a device with the host bridge.</summary>
    public static bool ShareHostBridge(int rootPorts) => rootPorts > PortsBesideHostBridge;

    /// <summary>Eight functions of devices 1 to 31.</summary>
    private const int PortsBesideHostBridge = 31 * Limits.MaxFunctions;

    /// <summary>Device number of the downstream port with this place, on the switch's internal bus: places 0 to 31 are function 0 of devices 0 to 31.</summary>
    public static int DeviceNumber(int place) => place % 32;

    /// <summary>Function number of the downstream port with this place; above zero only where there are more than 32.</summary>
    public static int FunctionNumber(int place) => place / 32;
}
