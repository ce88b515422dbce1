namespace PcieFabric.ConfigSpaces;

/// <summary>The header of every function that is no bridge (PCIe 6.0 section 7.5.1.2).</summary>
public sealed class Type0Header : Header
{
    /// <param name="expansionRomSize">In bytes; zero for none.</param>
    /// <param name="isVirtual">Of a virtual function: its BARs are those of the SR-IOV capability, and its ids are known from there.</param>
    /// <exception cref="Input.InputException">A BAR or the ROM cannot be.</exception>
    public Type0Header(FunctionIdentity identity, IEnumerable<BarDefinition> bars, ulong expansionRomSize = 0, bool isVirtual = false)
        : base("Type 0 Header", 0, identity, bars, 6, 0x30, expansionRomSize, isVirtual)
    {
        Word(0x2C, "Subsystem Vendor ID").Whole(Access.ReadOnly, identity.SubsystemVendorId);
        Word(0x2E, "Subsystem ID").Whole(Access.ReadOnly, identity.SubsystemId);
    }
}
