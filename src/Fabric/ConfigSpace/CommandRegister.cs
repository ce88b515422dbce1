namespace PcieFabric.ConfigSpaces;

/// <summary>Command, at 0x04 (PCIe 6.0 section 7.5.1.1.3).</summary>
public sealed class CommandRegister
{
    /// <param name="isVirtual">Of a virtual function, which has Bus Master Enable alone (section 9.3.4.1).</param>
    internal CommandRegister(RegisterBlock header, bool isVirtual)
    {
        var access = isVirtual ? Access.ReadOnly : Access.ReadWrite;
        var command = header.Word(0x04, "Command", Concerns.Command);
        IoSpaceEnable = command.Flag(0, "I/O Space Enable", access);
        MemorySpaceEnable = command.Flag(1, "Memory Space Enable", access);
        BusMasterEnable = command.Flag(2, "Bus Master Enable", Access.ReadWrite);
        ParityErrorResponse = command.Flag(6, "Parity Error Response", access);
        SerrEnable = command.Flag(8, "SERR# Enable", access);
        InterruptDisable = command.Flag(10, "Interrupt Disable", access);
    }

    public Flag IoSpaceEnable { get; }
    public Flag MemorySpaceEnable { get; }
    public Flag BusMasterEnable { get; }
    public Flag ParityErrorResponse { get; }
    public Flag SerrEnable { get; }

    /// <summary>The function must not assert INTx; MSI and MSI-X do not heed it.</summary>
    public Flag InterruptDisable { get; }
}
