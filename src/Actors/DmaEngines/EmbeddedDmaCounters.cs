namespace PcieFabric.DmaEngines;

/// <summary>What an eDMA was asked for that it did not do, or that is no transfer.</summary>
public sealed class EmbeddedDmaCounters
{
    /// <summary>Of a direction that is not enabled, or of a channel that there is not.</summary>
    public long IgnoredDoorbells { get; internal set; }

    /// <summary>Writes of less than a DW.</summary>
    public long PartialWrites { get; internal set; }

    /// <summary>Writes to a status register.</summary>
    public long EmulatedInterrupts { get; internal set; }

    /// <summary>Elements and single transfers that came to their end.</summary>
    public long Done { get; internal set; }

    public long Aborts { get; internal set; }
}
