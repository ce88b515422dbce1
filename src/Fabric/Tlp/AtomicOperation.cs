namespace PcieFabric.Tlps;

/// <summary>AtomicOps (PCIe 6.0 section 6.15), numbered as their Type fields follow each other.</summary>
public enum AtomicOperation : byte
{
    FetchAdd = 0,
    Swap = 1,
    CompareAndSwap = 2,
}
