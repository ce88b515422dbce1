namespace PcieFabric.RootComplexes.Enumeration;

/// <summary>The bits of the Command register that enumeration sets (PCIe 6.0 section 7.5.1.1.3).</summary>
internal static class CommandBits
{
    public const int IoSpaceEnable = 1 << 0;
    public const int MemorySpaceEnable = 1 << 1;
    public const int BusMasterEnable = 1 << 2;
    public const int SerrEnable = 1 << 8;
    public const int All = IoSpaceEnable | MemorySpaceEnable | BusMasterEnable | SerrEnable;
}
