using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Designated Vendor-Specific (PCIe 6.0 section 7.9.6): a structure that one vendor defines and any may implement.</summary>
public sealed class DvsecCapability : ExtendedCapability
{
    private const int HeaderBytes = 12;
    private const int MaxDwords = (Limits.ConfigSpaceBytes - Limits.ConventionalConfigSpaceBytes - HeaderBytes) / 4;

    /// <param name="vendorId">Who defines the structure; need not be the vendor of the function.</param>
    /// <param name="body">Reset values of the DWs from offset 0x0C.</param>
    /// <param name="access">Of these DWs.</param>
    /// <exception cref="InputException">More DWs than there is room for, or no such revision.</exception>
    public DvsecCapability(ushort vendorId, ushort dvsecId, int revision, ReadOnlySpan<uint> body, Access access = Access.ReadOnly)
        : base("Designated Vendor-Specific", ExtendedCapabilityId.DesignatedVendorSpecific, 1)
    {
        if (body.Length > MaxDwords) throw new InputException($"{body.Length} DWs do not fit into a DVSEC", $"{MaxDwords} at most");
        if (revision is < 0 or > 15) throw new InputException($"DVSEC revision {revision} does not exist", "0 to 15");
        var header1 = Dword(0x04, "DVSEC Header 1");
        header1.Field(15, 0, "DVSEC Vendor ID", Access.ReadOnly, vendorId);
        header1.Field(19, 16, "DVSEC Revision", Access.ReadOnly, (uint)revision);
        header1.Field(31, 20, "DVSEC Length", Access.ReadOnly, (uint)(HeaderBytes + 4 * body.Length));
        Word(0x08, "DVSEC Header 2").Field(15, 0, "DVSEC ID", Access.ReadOnly, dvsecId);
        var fields = new RegisterField[body.Length];
        for (var i = 0; i < body.Length; i++) fields[i] = Dword(HeaderBytes + 4 * i, $"DVSEC DW {i}", Concerns.VendorSpecific).Whole(access, body[i]);
        Body = fields;
    }

    public IReadOnlyList<RegisterField> Body { get; }
}
