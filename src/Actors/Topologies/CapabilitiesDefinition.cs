using PcieFabric.ConfigSpaces.Capabilities;

namespace PcieFabric.Topologies;

/// <summary>Which optional capabilities a function has. Power Management, PCI Express and what BARs or the endpoint call for come by themselves.</summary>
public sealed record CapabilitiesDefinition
{
    public static readonly CapabilitiesDefinition None = new();

    /// <summary>The function keeps its state from D3hot to D0.</summary>
    public bool NoSoftReset { get; init; } = true;

    public MsiDefinition? Msi { get; init; }
    public MsixDefinition? Msix { get; init; }
    public IReadOnlyList<VendorSpecificDefinition> VendorSpecific { get; init; } = [];

    /// <summary>Advanced Error Reporting.</summary>
    public bool Aer { get; init; }

    /// <summary>None means no ACS capability.</summary>
    public AcsControls Acs { get; init; }

    /// <summary>Device Serial Number, an EUI-64.</summary>
    public ulong? SerialNumber { get; init; }

    public SrIovDefinition? SrIov { get; init; }
    public AtsDefinition? Ats { get; init; }
    public PasidDefinition? Pasid { get; init; }

    /// <summary>Latency Tolerance Reporting.</summary>
    public bool Ltr { get; init; }

    public IReadOnlyList<DvsecDefinition> Dvsecs { get; init; } = [];
}
