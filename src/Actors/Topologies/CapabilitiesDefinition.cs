namespace PcieFabric.Topologies;

/// <summary>Which optional capabilities a function has. PCI Express v2, and ARI where the endpoint has it, are always there.</summary>
public sealed record CapabilitiesDefinition
{
    public static readonly CapabilitiesDefinition None = new();

    public PowerManagementDefinition? PowerManagement { get; init; }
    public MsiDefinition? Msi { get; init; }
    public MsixDefinition? Msix { get; init; }
    public IReadOnlyList<VendorSpecificDefinition> VendorSpecific { get; init; } = [];
    public AerDefinition? Aer { get; init; }

    /// <summary>None means no ACS capability.</summary>
    public AcsControls Acs { get; init; }

    /// <summary>Device Serial Number, an EUI-64.</summary>
    public ulong? SerialNumber { get; init; }

    public SrIovDefinition? SrIov { get; init; }
    public AtsDefinition? Ats { get; init; }
    public PasidDefinition? Pasid { get; init; }
    public IReadOnlyList<ResizableBarDefinition> ResizableBars { get; init; } = [];

    /// <summary>Latency Tolerance Reporting.</summary>
    public bool Ltr { get; init; }

    public IReadOnlyList<DvsecDefinition> Dvsecs { get; init; } = [];
}
