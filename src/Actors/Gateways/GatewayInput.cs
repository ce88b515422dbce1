using System.Runtime.InteropServices;

namespace PcieFabric.Gateways;

/// <summary>The body of <see cref="Engine.MessageKind.Input"/>.</summary>
/// <param name="Hierarchy">Of a claim: index among the host's root complexes.</param>
/// <param name="Guest">Whom it is about, from zero on.</param>
/// <param name="Function">Of a claim.</param>
/// <param name="Address">Of a peer, as the guest's functions name it.</param>
/// <param name="SizeBytes">Of a peer.</param>
/// <param name="FabricAddress">Of a peer, on the fabric's own bus.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct GatewayInput(GatewayInputKind Kind, byte Hierarchy, ushort Guest, Bdf Function, ulong Address, ulong SizeBytes, ulong FabricAddress)
{
    public static GatewayInput Claim(int guest, int hierarchy, Bdf function) => new(GatewayInputKind.Claim, (byte)hierarchy, (ushort)guest, function, 0, 0, 0);

    public static GatewayInput ClaimHierarchy(int guest, int hierarchy) => new(GatewayInputKind.ClaimHierarchy, (byte)hierarchy, (ushort)guest, default, 0, 0, 0);

    public static GatewayInput Release(int guest) => new(GatewayInputKind.Release, 0, (ushort)guest, default, 0, 0, 0);

    public static GatewayInput OpenPeer(int guest, AddressRange range, ulong fabricAddress) =>
        new(GatewayInputKind.OpenPeer, 0, (ushort)guest, default, range.Base, range.Size, fabricAddress);

    public static GatewayInput ClosePeer(int guest, ulong address) => new(GatewayInputKind.ClosePeer, 0, (ushort)guest, default, address, 0, 0);
}
