namespace PcieFabric.EndpointControllers;

/// <summary>What a function says of itself (Linux: <c>struct pci_epf_header</c>).</summary>
/// <param name="ClassCode">24 bits.</param>
/// <param name="InterruptPin">1 for INTA to 4 for INTD; 0 for none.</param>
public readonly record struct ControllerHeader(ushort VendorId, ushort DeviceId, uint ClassCode, byte RevisionId = 0, ushort SubsystemVendorId = 0, ushort SubsystemId = 0, byte InterruptPin = 1)
{
    internal ulong PackedIds => VendorId | (ulong)DeviceId << 16 | (ulong)(ClassCode & 0xFFFFFF) << 32 | (ulong)RevisionId << 56;

    internal ulong PackedSubsystem => SubsystemVendorId | (ulong)SubsystemId << 16 | (ulong)InterruptPin << 32;

    internal static ControllerHeader Unpack(ulong ids, ulong subsystem) =>
        new((ushort)ids, (ushort)(ids >> 16), (uint)(ids >> 32) & 0xFFFFFF, (byte)(ids >> 56), (ushort)subsystem, (ushort)(subsystem >> 16), (byte)(subsystem >> 32));
}
