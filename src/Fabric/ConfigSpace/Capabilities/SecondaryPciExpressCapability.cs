using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Secondary PCI Express (PCIe 6.0 section 7.7.3): 8.0 GT/s equalization, required from that rate on.</summary>
public sealed class SecondaryPciExpressCapability : ExtendedCapability
{
    // Preset 7 with receiver hint 7 in both directions: what a port shows that leaves the choice to its partner.
    private const uint AnyPreset = 0x7F7F;

    /// <param name="lanes">Maximum Link Width.</param>
    /// <exception cref="InputException">No such width.</exception>
    public SecondaryPciExpressCapability(int lanes)
        : base("Secondary PCI Express", ExtendedCapabilityId.SecondaryPciExpress, 1)
    {
        if (lanes is < 1 or > 32) throw new InputException($"a link has no {lanes} lanes", "1 to 32");
        var control = Dword(0x04, "Link Control 3", Concerns.Link);
        PerformEqualization = control.Flag(0, "Perform Equalization", Access.ReadWrite);
        EqualizationRequestInterruptEnable = control.Flag(1, "Link Equalization Request Interrupt Enable", Access.ReadWrite);
        LaneErrorStatus = Dword(0x08, "Lane Error Status").Field(lanes - 1, 0, "Lane Error Status", Access.WriteOneToClearSticky);
        for (var lane = 0; lane < lanes; lane++) Word(0x0C + 2 * lane, $"Lane {lane} Equalization Control").Whole(Access.ReadOnly, AnyPreset);
    }

    public Flag PerformEqualization { get; }
    public Flag EqualizationRequestInterruptEnable { get; }

    /// <summary>A bit for each lane.</summary>
    public RegisterField LaneErrorStatus { get; }
}
