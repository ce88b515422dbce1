namespace PcieFabric.Tlps;

/// <summary>The three classes that ordering and flow control distinguish (PCIe 6.0 sections 2.4 and 2.6.1).</summary>
public enum FlowControlClass : byte
{
    Posted = 0,
    NonPosted = 1,
    Completion = 2,
}
