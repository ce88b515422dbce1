namespace PcieFabric.AddressTranslation;

/// <summary>How a change of a <see cref="PageTable"/> ended.</summary>
public enum PageTableResult : byte
{
    Done,

    /// <summary>Part of the range is mapped already; nothing was changed.</summary>
    AlreadyMapped,

    /// <summary>More tables would be needed than <see cref="Limits.MaxPageTables"/>; nothing was changed.</summary>
    Full,
}
