using PcieFabric.Addressing;
using PcieFabric.ConfigSpaces.Capabilities;
using PcieFabric.Input;
using PcieFabric.RootComplexes;

namespace PcieFabric.Topologies;

/// <summary>The root of one segment: root ports on bus 0 and the address windows that they decode.</summary>
public sealed record RootComplexDefinition
{
    /// <summary>Empty where the host has only this one; then it has no place in paths either.</summary>
    public string Name { get; init; } = "";

    /// <summary>Segment (PCI domain) number, 0 to 65535, unique within the host.</summary>
    public int Segment { get; init; }

    /// <summary>What root ports may decode below 4 GiB.</summary>
    public AddressRange MemoryWindow { get; init; } = DefaultMemoryWindow;

    /// <summary>What root ports may decode as 64-bit prefetchable memory.</summary>
    public AddressRange PrefetchableWindow { get; init; } = DefaultPrefetchableWindow;

    /// <summary>What root ports may decode as I/O space, within 64 KiB.</summary>
    public AddressRange IoWindow { get; init; } = DefaultIoWindow;

    public PeerToPeerPolicy PeerToPeer { get; init; } = PeerToPeerPolicy.Full;

    /// <summary>Pairs of functions that the root complex and the switches below let reach each other; null where every pair may.</summary>
    public IReadOnlyList<AllowedPeers>? AllowedPeers { get; init; }

    /// <summary>What the ACS capability of every root port offers; none means no such capability.</summary>
    public AcsControls Acs { get; init; } = AcsControls.Isolation;

    public HostBridge HostBridge { get; init; } = DefaultHostBridge;

    /// <summary>The order gives root port numbers: <c>rp0</c>, <c>rp1</c>, ...</summary>
    public required IReadOnlyList<PortDefinition> Ports { get; init; }

    public SourceLocation? Source { get; init; }

    /// <summary>AMD Starship/Matisse root complex.</summary>
    public static readonly HostBridge DefaultHostBridge = new(0x1022, 0x1480);

    public static readonly AddressRange DefaultMemoryWindow = new(0x8000_0000, 1UL << 30);
    public static readonly AddressRange DefaultPrefetchableWindow = new(1UL << 40, 1UL << 38);

    /// <summary>Starts above the first 4 KiB, which belong to the legacy devices of a PC.</summary>
    public static readonly AddressRange DefaultIoWindow = new(0x1000, 0xF000);
}
