using PcieFabric.Documents.Shapes;

namespace PcieFabric.Topologies.Reading;

/// <summary>The keys of MSI and MSI-X.</summary>
internal static class InterruptSchema
{
    private static readonly Key<int> MsiVectors = Key.Optional("vectors",
        new ChoiceShape<int>(new("1", 1), new("2", 2), new("4", 4), new("8", 8), new("16", 16), new("32", 32)), "1", "Vectors that the function asks for.");

    private static readonly Key<bool> Masking = Key.Optional("masking", Values.Flag, "true", "Each vector can be masked.");

    public static readonly Shape<MsiDefinition> Msi = new RecordShape<MsiDefinition>("an MSI capability",
        "Message Signaled Interrupts, with a 64-bit address.", [MsiVectors, Masking], fields => new(fields.Get(MsiVectors), fields.Get(Masking)));

    private static readonly Key<int> MsixVectors = Key.Optional("vectors", Values.Whole(1, 2048), "1", "Entries of the table.");
    private static readonly Key<int> Bar = Key.Required("bar", Values.Whole(0, 5), "Index of the memory BAR that holds table and Pending Bit Array.");
    private static readonly Key<ulong> Table = Key.Optional("table", new OffsetShape(uint.MaxValue), "0", "Where the table starts in that BAR.");

    private static readonly Key<ulong?> Pba = Key.Maybe("pba", new OffsetShape(uint.MaxValue),
        "Where the Pending Bit Array starts in that BAR; right after the table if left out.");

    /// <summary>Whether table and array fit into their BAR is for the function to say, which knows the BAR.</summary>
    public static readonly Shape<MsixDefinition> Msix = new RecordShape<MsixDefinition>("an MSI-X capability", "MSI-X.", [MsixVectors, Bar, Table, Pba], fields =>
    {
        var vectors = fields.Get(MsixVectors);
        var table = fields.Get(Table);
        var pba = fields.Get(Pba) ?? table + (ulong)vectors * MsixDefinition.EntryBytes;
        return new(vectors, fields.Get(Bar), (uint)table, (uint)Math.Min(pba, uint.MaxValue));
    });
}
