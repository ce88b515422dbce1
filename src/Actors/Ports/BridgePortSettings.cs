using PcieFabric.ConfigSpaces;
using PcieFabric.ConfigSpaces.Functions;
using PcieFabric.Links;

namespace PcieFabric.Ports;

/// <summary>What is fixed about a root port or switch port.</summary>
public sealed record BridgePortSettings
{
    public required BridgeLayout Layout { get; init; }

    public required LinkSettings Link { get; init; }

    /// <summary>The other end of the link acts on a TLP's head.</summary>
    public bool PartnerCutsThrough { get; init; }

    /// <summary>Device number on the bus that the component's ports share.</summary>
    public byte Device { get; init; }

    /// <inheritdoc cref="Device"/>
    public byte Function { get; init; }

    /// <summary>Ports that the component numbers, this one included; for a root port one, the root complex.</summary>
    public required int Peers { get; init; }

    /// <summary>From this port to its peers.</summary>
    public required SimTime Latency { get; init; }

    /// <summary>Sets what differs between ports of one layout: port and slot numbers, link, presence.</summary>
    public Action<ConfigSpace>? Initialize { get; init; }
}
