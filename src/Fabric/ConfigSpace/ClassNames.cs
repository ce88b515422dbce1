using System.Collections.Frozen;

namespace PcieFabric.ConfigSpaces;

/// <summary>Class codes in words (PCI Code and ID Assignment Specification 1.15), in the wording of the PCI ID database, so that they read as in <c>lspci</c>.</summary>
public static class ClassNames
{
    private const uint Unassigned = 0xFF;

    /// <summary>Base class and sub-class: what a PCI Express fabric may hold.</summary>
    private static readonly FrozenDictionary<uint, string> SubClasses = new Dictionary<uint, string>
    {
        [0x0000] = "Non-VGA unclassified device",
        [0x0100] = "SCSI storage controller",
        [0x0104] = "RAID bus controller",
        [0x0106] = "SATA controller",
        [0x0107] = "Serial Attached SCSI controller",
        [0x0108] = "Non-Volatile memory controller",
        [0x0200] = "Ethernet controller",
        [0x0207] = "Infiniband controller",
        [0x0208] = "Fabric controller",
        [0x0300] = "VGA compatible controller",
        [0x0302] = "3D controller",
        [0x0400] = "Multimedia video controller",
        [0x0403] = "Audio device",
        [0x0500] = "RAM memory",
        [0x0501] = "FLASH memory",
        [0x0502] = "CXL",
        [0x0600] = "Host bridge",
        [0x0601] = "ISA bridge",
        [0x0604] = "PCI bridge",
        [0x0700] = "Serial controller",
        [0x0702] = "Multiport serial controller",
        [0x0800] = "PIC",
        [0x0801] = "DMA controller",
        [0x0802] = "Timer",
        [0x0805] = "SD Host controller",
        [0x0806] = "IOMMU",
        [0x0880] = "System peripheral",
        [0x0C03] = "USB controller",
        [0x0C04] = "Fibre Channel",
        [0x0C05] = "SMBus",
        [0x1000] = "Network and computing encryption device",
        [0x1101] = "Performance counters",
        [0x1200] = "Processing accelerators",
    }.ToFrozenDictionary();

    private static readonly string[] BaseClasses =
    [
        "Unclassified device", "Mass storage controller", "Network controller", "Display controller", "Multimedia controller", "Memory controller",
        "Bridge", "Communication controller", "Generic system peripheral", "Input device controller", "Docking station", "Processor",
        "Serial bus controller", "Wireless controller", "Intelligent controller", "Satellite communications controller", "Encryption controller",
        "Signal processing controller", "Processing accelerators", "Non-Essential Instrumentation",
    ];

    /// <param name="classCode">24 bits: base class, sub-class, programming interface (PCIe 6.0 section 7.5.1.1.6).</param>
    /// <returns>The name of the sub-class, or else of the base class; never empty.</returns>
    public static string Of(uint classCode)
    {
        if (SubClasses.TryGetValue(classCode >> 8, out var name)) return name;
        var baseClass = classCode >> 16;
        if (baseClass < BaseClasses.Length) return BaseClasses[baseClass];
        return baseClass == Unassigned ? "Unassigned class" : $"Class {baseClass:x2}";
    }
}
