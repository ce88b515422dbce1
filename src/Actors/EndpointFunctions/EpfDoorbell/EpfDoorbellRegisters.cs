namespace PcieFabric.EndpointFunctions.EpfDoorbells;

/// <summary>The registers of a doorbell function, little-endian from the start of its first BAR.</summary>
public static class EpfDoorbellRegisters
{
    public const uint MagicValue = 0x4C45_4244;

    /// <summary>The kind as <see cref="PcieFabric.Doorbells.DoorbellKind"/> counts; how many there are, zero where there are none, and the error number why.</summary>
    public const int Magic = 0x00, Kind = 0x04, Count = 0x08, Error = 0x0C;

    /// <summary>Where the <see cref="Entries"/> and the counters are in this BAR.</summary>
    public const int EntriesOffset = 0x10, CountersOffset = 0x14;

    /// <summary>Host: not 0, and each ring is answered by the MSI with the doorbell's number; all embedded doorbells are one, which has the first.</summary>
    public const int Answer = 0x18;

    /// <summary>Doorbells that can be answered: MSI has so many vectors.</summary>
    public const int MaxAnswers = 32;

    /// <summary>Handler calls of all doorbells together.</summary>
    public const int Total = 0x1C;

    /// <summary>Four DWs for each doorbell: its BAR, the offset in it, the data to write, and one that is zero.</summary>
    public const int Entries = 0x40, EntryBytes = 16, EntryBar = 0, EntryOffset = 4, EntryData = 8;

    /// <summary>Behind them one DW for each doorbell: how often its handler was called.</summary>
    public static int Counters(int count) => Entries + count * EntryBytes;

    public static int Bytes(int count) => Counters(count) + count * sizeof(uint);
}
