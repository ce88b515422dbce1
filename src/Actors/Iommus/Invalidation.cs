namespace PcieFabric.Iommus;

/// <summary>A command that is done only when every function that may hold the translations has answered.</summary>
internal sealed class Invalidation(uint sequence, ulong bytes, AddressRange range)
{
    /// <summary>Of the command; see <see cref="IommuReport"/>.</summary>
    public uint Sequence => sequence;

    /// <inheritdoc cref="IommuReport.Bytes"/>
    public ulong Bytes => bytes;

    /// <summary>Naturally aligned, and at least what is invalid.</summary>
    public AddressRange Range => range;

    /// <summary>Functions that have not answered.</summary>
    public int Unanswered { get; set; }

    public bool TimedOut { get; set; }
}
