using PcieFabric.Input;

namespace PcieFabric.ConfigSpaces.Capabilities;

/// <summary>MSI-X (PCIe 6.0 section 7.7.2): up to 2048 messages, each with an address, data and a mask of its own, in a table behind a BAR.</summary>
public sealed class MsiXCapability : StandardCapability
{
    private const int MaxVectors = 2048;
    private const int Alignment = 8;

    /// <param name="vectors">1 to 2048.</param>
    /// <param name="tableOffset">In the BAR, a multiple of eight bytes.</param>
    /// <param name="pendingOffset">Of the Pending Bit Array; behind the table if null.</param>
    /// <param name="pendingBar">The BAR of the Pending Bit Array; the table's if null.</param>
    /// <exception cref="InputException">No such table.</exception>
    public MsiXCapability(int vectors, int tableBar, uint tableOffset = 0, uint? pendingOffset = null, int? pendingBar = null)
        : base("MSI-X", CapabilityId.MsiX)
    {
        if (vectors is < 1 or > MaxVectors) throw new InputException($"MSI-X cannot have {vectors} vectors", $"1 to {MaxVectors}");
        Vectors = vectors;
        (TableBar, TableOffset) = (tableBar, tableOffset);
        (PendingBar, PendingOffset) = (pendingBar ?? tableBar, pendingOffset ?? tableOffset + TableBytes);
        if (TableOffset % Alignment != 0 || PendingOffset % Alignment != 0) throw new InputException($"MSI-X table at 0x{TableOffset:x} or pending bits at 0x{PendingOffset:x} are not aligned", $"use multiples of {Alignment} bytes");
        if (PendingBar == TableBar && PendingOffset < TableOffset + TableBytes && TableOffset < PendingOffset + PendingBytes)
            throw new InputException("the MSI-X table and its pending bits overlap", $"the table takes {TableBytes} bytes, the pending bits {PendingBytes}");

        var control = Word(0x02, "Message Control", Concerns.MsiX);
        control.Field(10, 0, "Table Size", Access.ReadOnly, (uint)vectors - 1);
        FunctionMask = control.Flag(14, "Function Mask", Access.ReadWrite);
        Enable = control.Flag(15, "MSI-X Enable", Access.ReadWrite);
        var table = Dword(0x04, "Table Offset/Table BIR");
        table.Field(2, 0, "Table BIR", Access.ReadOnly, (uint)TableBar);
        table.Field(31, 3, "Table Offset", Access.ReadOnly, TableOffset / Alignment);
        var pending = Dword(0x08, "PBA Offset/PBA BIR");
        pending.Field(2, 0, "PBA BIR", Access.ReadOnly, (uint)PendingBar);
        pending.Field(31, 3, "PBA Offset", Access.ReadOnly, PendingOffset / Alignment);
    }

    public int Vectors { get; }
    public int TableBar { get; }
    public uint TableOffset { get; }
    public int PendingBar { get; }
    public uint PendingOffset { get; }

    /// <summary>Size of the table: 16 bytes for each vector.</summary>
    public uint TableBytes => (uint)Vectors * MsiXTable.EntryBytes;

    /// <summary>Size of the Pending Bit Array: a bit for each vector, in whole QWs.</summary>
    public uint PendingBytes => ((uint)Vectors + 63) / 64 * 8;

    public Flag Enable { get; }

    /// <summary>All vectors are masked, whatever their own masks say.</summary>
    public Flag FunctionMask { get; }

    /// <param name="bars">Of the function.</param>
    internal void Validate(IEnumerable<BarDefinition> bars)
    {
        CheckFits(bars, TableBar, TableOffset + (ulong)TableBytes, "table");
        CheckFits(bars, PendingBar, PendingOffset + (ulong)PendingBytes, "pending bits");
    }

    private static void CheckFits(IEnumerable<BarDefinition> bars, int index, ulong end, string what)
    {
        var bar = bars.FirstOrDefault(b => b.Index == index);
        if (bar is null || bar.Kind == BarKind.Io) throw new InputException($"the MSI-X {what} is in BAR {index}, which is no memory BAR", "name a memory BAR of the function");
        if (end > bar.SmallestSize) throw new InputException($"the MSI-X {what} ends at 0x{end:x} in BAR {index}, which has 0x{bar.SmallestSize:x} bytes", "make the BAR larger or move it down");
    }
}
