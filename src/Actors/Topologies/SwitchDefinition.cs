using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.Topologies;

/// <summary>A switch: one upstream port, an internal bus, downstream ports (PCIe 6.0 section 1.3.3).</summary>
public sealed record SwitchDefinition : PartDefinition
{
    public ushort VendorId { get; init; } = DefaultVendorId;
    public ushort DeviceId { get; init; } = 0x8747;
    public Forwarding Forwarding { get; init; } = Forwarding.CutThrough;

    /// <summary>
    /// From the first bit in to the first bit out, where the TLP need not wait; store-and-forward adds the time to receive the TLP.
    /// The default is what Broadcom publishes for the PEX88000.
    /// </summary>
    public SimTime Latency { get; init; } = SimTime.FromNanoseconds(105);

    /// <summary>What the ACS capability of every downstream port offers; software enables it.</summary>
    public AcsControls Acs { get; init; } = AcsControls.Isolation;

    /// <summary>Downstream ports; the order gives their numbers: <c>dp0</c>, <c>dp1</c>, ...</summary>
    public required IReadOnlyList<PortDefinition> Ports { get; init; }

    /// <summary>Broadcom (PLX), whose switches the published latencies describe.</summary>
    public const ushort DefaultVendorId = 0x10B5;
}

/// <summary>When a switch may start to send a TLP on.</summary>
public enum Forwarding
{
    /// <summary>As soon as the header has told the way.</summary>
    CutThrough,

    /// <summary>When all of it has come and its LCRC is good.</summary>
    StoreAndForward,
}
