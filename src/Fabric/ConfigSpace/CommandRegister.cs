namespace PcieFabric.ConfigSpaces;

/// <summary>Command, at 0x04 (PCIe 6.0 section 7.5.1.1.3).</summary>
public sealed class CommandRegister
{
    internal CommandRegister(RegisterBlock header)
    {
        var command = header.Word(0x04, "Command", Concerns.Command);
        IoSpaceEnable = command.Flag(0, "I/O Space Enable", Access.ReadWrite);
        MemorySpaceEnable = command.Flag(1, "Memory Space Enable", Access.ReadWrite);
        BusMasterEnable = command.Flag(2, "Bus Master Enable", Access.ReadWrite);
        ParityErrorResponse = command.Flag(6, "Parity Error Response", Access.ReadWrite);
        SerrEnable = command.Flag(8, "SERR# Enable", Access.ReadWrite);
        InterruptDisable = command.Flag(10, "Interrupt Disable", Access.ReadWrite);
    }

    public Flag IoSpaceEnable { get; }
    public Flag MemorySpaceEnable { get; }
    public Flag BusMasterEnable { get; }
    public Flag ParityErrorResponse { get; }
    public Flag SerrEnable { get; }

    /// <summary>The function must not assert INTx; MSI and MSI-X do not heed it.</summary>
    public Flag InterruptDisable { get; }
}
