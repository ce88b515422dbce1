using System.Runtime.InteropServices;
using PcieFabric.ConfigSpaces;

namespace PcieFabric.Ports;

/// <summary>
/// The body of <see cref="Engine.MessageKind.RouteUpdate"/>: what a type 1 port claims for its far side, from its own configuration registers.
/// Ranges are empty where the Command register disables them. Also the MPS that the port is set to, in bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct Route(AddressRange Memory, ulong PrefetchableBase, ulong PrefetchableSize, uint IoBase, uint IoSize, byte SecondaryBus, byte SubordinateBus, byte Device, byte Function, ushort MaxPayloadSize, LegacyDecode Legacy)
{
    /// <summary>The port has told what it claims. No port has an MPS of zero.</summary>
    public bool IsAnnounced => MaxPayloadSize != 0;

    public bool ClaimsAddress(ulong address) => Memory.Contains(address) || address - PrefetchableBase < PrefetchableSize || Legacy.ClaimsMemory(address);

    /// <summary>All of a range lies in one of the windows.</summary>
    public bool ClaimsAll(AddressRange range) => Memory.Contains(range.Base, range.Size) || new AddressRange(PrefetchableBase, PrefetchableSize).Contains(range.Base, range.Size);

    public bool ClaimsAny(AddressRange range) => Memory.Overlaps(range) || new AddressRange(PrefetchableBase, PrefetchableSize).Overlaps(range) || Legacy.ClaimsAnyMemory(range);

    public bool ClaimsIo(uint address) => (address - IoBase < IoSize && !Legacy.KeepsBackPort(address)) || Legacy.ClaimsPort(address);

    /// <summary>Secondary bus zero means that nobody has assigned bus numbers yet.</summary>
    public bool ClaimsBus(byte bus) => SecondaryBus != 0 && bus >= SecondaryBus && bus <= SubordinateBus;
}
