using System.Runtime.InteropServices;

namespace PcieFabric.Iommus;

/// <summary>A requester as an IOMMU knows it: requester IDs repeat from one hierarchy of a host to the next.</summary>
/// <param name="Hierarchy">The place of the hierarchy among the host's.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct DeviceId(Bdf Requester, ushort Hierarchy = 0)
{
    /// <summary>Stands for the requests without PASID; no PASID has so many bits.</summary>
    public const uint NoPasid = uint.MaxValue;

    public override string ToString() => Hierarchy == 0 ? Requester.ToString() : $"{Hierarchy}/{Requester}";
}
