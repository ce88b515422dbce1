namespace PcieFabric.Topologies;

/// <summary>MSI-X (PCIe 6.0 section 7.7.2).</summary>
/// <param name="Vectors">1 to 2048.</param>
/// <param name="Bar">Index of the memory BAR that holds the table and the Pending Bit Array.</param>
/// <param name="TableOffset">In bytes from the start of that BAR, a multiple of 8.</param>
/// <param name="PbaOffset">Likewise.</param>
public sealed record MsixDefinition(int Vectors, int Bar, uint TableOffset, uint PbaOffset)
{
    public const int EntryBytes = 16;

    public ulong TableBytes => (ulong)Vectors * EntryBytes;

    /// <summary>One bit for a vector, in whole quadwords.</summary>
    public ulong PbaBytes => ((ulong)Vectors + 63) / 64 * 8;
}
