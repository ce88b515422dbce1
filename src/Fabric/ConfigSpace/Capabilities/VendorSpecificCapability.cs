using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Vendor-Specific (PCIe 6.0 section 7.9.4): a length, a byte of the vendor's own, and DWs of the vendor's own.</summary>
public sealed class VendorSpecificCapability : StandardCapability
{
    private const int MaxDwords = (Limits.ConventionalConfigSpaceBytes - Limits.FirstCapabilityOffset) / 4 - 1;

    /// <param name="tag">The byte behind the length, by which vendors tell their capabilities apart.</param>
    /// <param name="body">Reset values of the DWs that follow.</param>
    /// <param name="access">Of these DWs.</param>
    /// <exception cref="InputException">More DWs than there is room for.</exception>
    public VendorSpecificCapability(byte tag, ReadOnlySpan<uint> body, Access access = Access.ReadOnly)
        : base("Vendor-Specific", CapabilityId.VendorSpecific)
    {
        if (body.Length > MaxDwords) throw new InputException($"{body.Length} DWs do not fit into a Vendor-Specific capability", $"{MaxDwords} at most");
        Byte(0x02, "Length").Whole(Access.ReadOnly, (uint)(4 + 4 * body.Length));
        Byte(0x03, "Tag").Whole(Access.ReadOnly, tag);
        var fields = new RegisterField[body.Length];
        for (var i = 0; i < body.Length; i++) fields[i] = Dword(4 + 4 * i, $"Vendor DW {i}", Concerns.VendorSpecific).Whole(access, body[i]);
        Body = fields;
    }

    public IReadOnlyList<RegisterField> Body { get; }
}
