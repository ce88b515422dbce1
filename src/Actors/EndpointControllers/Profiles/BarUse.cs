namespace PcieFabric.EndpointControllers.Profiles;

/// <summary>What a controller lets its functions do with a BAR (Linux: <c>enum pci_epc_bar_type</c>).</summary>
public enum BarUse : byte
{
    /// <summary>Any size that is a power of two.</summary>
    Programmable,

    /// <summary>One size, which the hardware has chosen.</summary>
    Fixed,

    /// <summary>By the Resizable BAR capability, of which the controller offers one size at a time.</summary>
    Resizable,

    /// <summary>The hardware keeps it for itself; the host may see it.</summary>
    Reserved,

    /// <summary>Not there.</summary>
    Disabled,

    /// <summary>The second register of the 64-bit BAR before it.</summary>
    UpperHalf,
}
