namespace PcieFabric.EndpointControllers;

/// <summary>What a function's software can raise (Linux: <c>PCI_IRQ_INTX</c> and its like).</summary>
public enum InterruptType : byte
{
    Intx = 0,
    Msi = 1,
    MsiX = 2,
}
