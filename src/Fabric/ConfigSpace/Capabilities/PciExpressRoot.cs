using PcieFabric.Addressing;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>Root Control, Capabilities and Status (PCIe 6.0 sections 7.5.3.12 to 7.5.3.14).</summary>
public sealed class PciExpressRoot
{
    internal PciExpressRoot(PciExpressCapability block)
    {
        var control = block.Word(0x1C, "Root Control", Concerns.Root);
        SystemErrorOnCorrectable = control.Flag(0, "System Error on Correctable Error Enable", Access.ReadWrite);
        SystemErrorOnNonFatal = control.Flag(1, "System Error on Non-Fatal Error Enable", Access.ReadWrite);
        SystemErrorOnFatal = control.Flag(2, "System Error on Fatal Error Enable", Access.ReadWrite);
        PmeInterruptEnable = control.Flag(3, "PME Interrupt Enable", Access.ReadWrite);
        RetryStatusSoftwareVisibility = control.Flag(4, "Configuration RRS Software Visibility Enable", Access.ReadWrite);
        block.Word(0x1E, "Root Capabilities").Flag(0, "Configuration RRS Software Visibility", Access.ReadOnly, true);
        var status = block.Dword(0x20, "Root Status");
        PmeRequesterId = status.Field(15, 0, "PME Requester ID", Access.Status);
        PmeStatus = status.Flag(16, "PME Status", Access.WriteOneToClear);
    }

    public Flag SystemErrorOnCorrectable { get; }
    public Flag SystemErrorOnNonFatal { get; }
    public Flag SystemErrorOnFatal { get; }
    public Flag PmeInterruptEnable { get; }

    /// <summary>A Vendor ID read that is answered Request Retry Status returns 0x0001 to software instead of being repeated (PCIe 6.0 section 2.3.2).</summary>
    public Flag RetryStatusSoftwareVisibility { get; }

    public RegisterField PmeRequesterId { get; }
    public Flag PmeStatus { get; }

    /// <summary>A PM_PME message came in. One that comes while the last is still unread is lost, and its sender repeats it.</summary>
    /// <returns>The port is to raise its PME interrupt.</returns>
    public bool RecordPme(ConfigSpace space, Bdf requester)
    {
        if (space[PmeStatus]) return false;
        space[PmeRequesterId] = requester.Value;
        space[PmeStatus] = true;
        return space[PmeInterruptEnable];
    }
}
