namespace PcieFabric.Iommus;

/// <summary>What an IOMMU does with untranslated writes to the host's interrupt window. Interrupts are not remapped.</summary>
public enum InterruptPolicy
{
    /// <summary>Devices send interrupts as without an IOMMU.</summary>
    Pass,

    /// <summary>Such a write is a fault; MSI does not work, of root ports neither.</summary>
    Block,
}
