namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>The memory write of one DW that an MSI or MSI-X is (PCIe 6.0 section 6.1.4).</summary>
public readonly record struct InterruptMessage(ulong Address, uint Data);
