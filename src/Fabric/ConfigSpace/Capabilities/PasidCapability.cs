using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Process Address Space ID (PCIe 6.0 section 7.8.9).</summary>
public sealed class PasidCapability : ExtendedCapability
{
    /// <param name="width">Bits of the PASIDs that the function can use: 1 to 20.</param>
    /// <exception cref="InputException">No such width.</exception>
    public PasidCapability(int width = 20, bool execute = true, bool privileged = true)
        : base("Process Address Space ID", ExtendedCapabilityId.Pasid, 1)
    {
        if (width is < 1 or > 20) throw new InputException($"a PASID of {width} bits does not exist", "1 to 20");
        Width = width;
        var capability = Word(0x04, "PASID Capability");
        capability.Flag(1, "Execute Permission Supported", Access.ReadOnly, execute);
        capability.Flag(2, "Privileged Mode Supported", Access.ReadOnly, privileged);
        capability.Field(12, 8, "Max PASID Width", Access.ReadOnly, (uint)width);
        var control = Word(0x06, "PASID Control", Concerns.Pasid);
        Enable = control.Flag(0, "PASID Enable", Access.ReadWrite);
        ExecuteEnable = control.Flag(1, "Execute Permission Enable", execute ? Access.ReadWrite : Access.ReadOnly);
        PrivilegedEnable = control.Flag(2, "Privileged Mode Enable", privileged ? Access.ReadWrite : Access.ReadOnly);
    }

    public int Width { get; }
    public Flag Enable { get; }
    public Flag ExecuteEnable { get; }
    public Flag PrivilegedEnable { get; }
}
