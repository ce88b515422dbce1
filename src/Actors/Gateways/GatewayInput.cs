using System.Runtime.InteropServices;
using PcieFabric.RootComplexes;

namespace PcieFabric.Gateways;

/// <summary>The body of <see cref="Engine.MessageKind.Input"/>.</summary>
/// <param name="Guest">Whom it is about, from zero on.</param>
/// <param name="Hierarchy">Of a claim: index among the host's root complexes.</param>
/// <param name="Function">Of a claim.</param>
/// <param name="Address">Of the range, as the guest's functions name it.</param>
/// <param name="PeerAddress">Of a peer's range, its address on the fabric's own bus.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct GatewayInput(GatewayInputKind Kind, byte Hierarchy, ushort Guest, Bdf Function, RangeUse Use, ulong Address, ulong SizeBytes, ulong PeerAddress)
{
    public static GatewayInput Claim(int guest, int hierarchy, Bdf function) => new(GatewayInputKind.Claim, (byte)hierarchy, (ushort)guest, function, default, 0, 0, 0);

    public static GatewayInput ClaimHierarchy(int guest, int hierarchy) => new(GatewayInputKind.ClaimHierarchy, (byte)hierarchy, (ushort)guest, default, default, 0, 0, 0);

    public static GatewayInput Release(int guest) => new(GatewayInputKind.Release, 0, (ushort)guest, default, default, 0, 0, 0);

    public static GatewayInput Map(int guest, AddressRange range, RangeUse use, ulong peerAddress = 0) =>
        new(GatewayInputKind.Map, 0, (ushort)guest, default, use, range.Base, range.Size, peerAddress);

    public static GatewayInput Unmap(int guest, ulong address) => new(GatewayInputKind.Unmap, 0, (ushort)guest, default, default, address, 0, 0);
}
