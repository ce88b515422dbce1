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

    /// <summary>Devices of one bus (PCIe 6.0 section 2.2.4.2).</summary>
    public const int Devices = 32;

    /// <summary>Device number of the port with this place in its list, on the bus that the list shares: places 0 to 31 are function 0 of devices 0 to 31.</summary>
    public static int DeviceNumber(int place) => place % Devices;

    /// <summary>Function number of the port with this place in its list; above zero only where there are more than 32 ports.</summary>
    public static int FunctionNumber(int place) => place / Devices;
}
