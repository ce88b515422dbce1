namespace PcieFabric.VfioUser.Devices;

/// <summary>The kinds of interrupts of a PCI function (<c>include/uapi/linux/vfio.h</c>, VFIO_PCI_*_IRQ_INDEX).</summary>
public enum InterruptIndex
{
    Intx = 0,
    Msi = 1,
    MsiX = 2,

    /// <summary>The function reports an error that its software does not handle.</summary>
    Error = 3,

    /// <summary>We would like the function back.</summary>
    Request = 4,
}
