namespace PcieFabric.VfioUser.Devices;

/// <summary>The regions of a PCI function (<c>include/uapi/linux/vfio.h</c>, VFIO_PCI_*_REGION_INDEX).</summary>
public enum RegionIndex
{
    Bar0 = 0,
    Bar1 = 1,
    Bar2 = 2,
    Bar3 = 3,
    Bar4 = 4,
    Bar5 = 5,
    Rom = 6,
    Config = 7,
    Vga = 8,
}
