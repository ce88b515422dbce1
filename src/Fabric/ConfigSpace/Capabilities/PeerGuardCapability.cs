using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>
/// A Vendor-Specific Extended Capability (PCIe 6.0 section 7.9.5) of this project's own, by which software loads the allow-list of function
/// pairs that a downstream port lets reach each other directly.
/// </summary>
/// <remarks>
/// Software writes functions and addresses, then one of the trigger bits of Control. Entries live in the port; the capability is its window to them.
/// </remarks>
public sealed class PeerGuardCapability : ExtendedCapability
{
    /// <summary>VSEC ID, and in a function of which vendor does not matter here: "PG".</summary>
    public const ushort VsecId = 0x5047;

    public const int ControlOffset = 0x08, PairOffset = 0x0C, BaseOffset = 0x10, SizeOffset = 0x18, RefusedOffset = 0x20;

    /// <summary>Bits of Control.</summary>
    public const uint EnableBit = 1, AddFunctionBit = 1 << 8, AllowBit = 1 << 9, RevokeBit = 1 << 10, ClearBit = 1 << 11;

    private const int LengthBytes = 0x24;

    private readonly RegisterField _one, _other, _baseLow, _baseHigh, _sizeLow, _sizeHigh;

    public PeerGuardCapability()
        : base("Peer Guard", ExtendedCapabilityId.VendorSpecific, 1)
    {
        var header = Dword(0x04, "Vendor-Specific Header");
        header.Field(15, 0, "VSEC ID", Access.ReadOnly, VsecId);
        header.Field(19, 16, "VSEC Rev", Access.ReadOnly, 1);
        header.Field(31, 20, "VSEC Length", Access.ReadOnly, LengthBytes);
        var control = Dword(ControlOffset, "Peer Guard Control", Concerns.VendorSpecific);
        Enable = control.Flag(0, "Peer Guard Enable", Access.ReadWrite, reset: true);
        AddFunction = control.Flag(8, "Add Function", Access.Trigger);
        Allow = control.Flag(9, "Allow Pair", Access.Trigger);
        Revoke = control.Flag(10, "Revoke Pair", Access.Trigger);
        Clear = control.Flag(11, "Clear", Access.Trigger);
        var pair = Dword(PairOffset, "Peer Guard Pair");
        _one = pair.Field(15, 0, "Function", Access.ReadWrite);
        _other = pair.Field(31, 16, "Other Function", Access.ReadWrite);
        _baseLow = Dword(BaseOffset, "Peer Guard Base").Whole(Access.ReadWrite);
        _baseHigh = Dword(BaseOffset + 4, "Peer Guard Base Upper").Whole(Access.ReadWrite);
        _sizeLow = Dword(SizeOffset, "Peer Guard Size").Whole(Access.ReadWrite);
        _sizeHigh = Dword(SizeOffset + 4, "Peer Guard Size Upper").Whole(Access.ReadWrite);
        Refused = Dword(RefusedOffset, "Peer Guard Refused Requests").Whole(Access.Status);
    }

    /// <summary>The guard is on; so it is after reset, with an empty list.</summary>
    public Flag Enable { get; }

    /// <summary>Function decodes Size bytes from Base.</summary>
    public Flag AddFunction { get; }

    /// <summary>Function and Other Function may reach each other.</summary>
    public Flag Allow { get; }

    /// <summary>They no longer may.</summary>
    public Flag Revoke { get; }

    /// <summary>Forgets all functions and pairs.</summary>
    public Flag Clear { get; }

    /// <summary>Requests refused since reset, modulo 2^32.</summary>
    public RegisterField Refused { get; }

    public (Bdf One, Bdf Other) Pair(ConfigSpace space) => (new Bdf((ushort)space[_one]), new Bdf((ushort)space[_other]));

    public AddressRange Range(ConfigSpace space) =>
        new(space[_baseLow] | (ulong)space[_baseHigh] << 32, space[_sizeLow] | (ulong)space[_sizeHigh] << 32);
}
