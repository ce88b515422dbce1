namespace PcieFabric.Iommus;

/// <summary>
/// What is fixed about an IOMMU. The defaults follow a server of 2016 (Xeon E5-2630 v4) as pcie-bench measured it (SIGCOMM 2018, section 6.5): about 64 entries of the IO-TLB, about 330 ns
/// for a walk, and 19 million walks a second, which are six at a time.
/// </summary>
public sealed record IommuSettings
{
    /// <summary>IO-TLB entries: <see cref="Ways"/> times a power of two.</summary>
    public int Entries { get; init; } = 64;

    public int Ways { get; init; } = 4;

    /// <summary>The largest pages that tables are made of: 4 KiB, 2 MiB or 1 GiB.</summary>
    public ulong LargestPageBytes { get; init; } = 1 << 30;

    /// <summary>What every memory request takes, one picosecond at least.</summary>
    public SimTime HitLatency { get; init; } = SimTime.FromNanoseconds(5);

    /// <summary>What each level of a page walk takes on top: one access to memory, mostly from a cache.</summary>
    public SimTime WalkLatency { get; init; } = SimTime.FromNanoseconds(80);

    /// <summary>Page walks at a time; further ones wait.</summary>
    public int Walkers { get; init; } = 6;

    /// <summary>Fault records that wait for software.</summary>
    public int FaultRecords { get; init; } = 64;

    public InterruptPolicy Interrupts { get; init; } = InterruptPolicy.Pass;

    public PeerTranslationPolicy PeerToPeer { get; init; } = PeerTranslationPolicy.Translate;

    /// <summary>How long a function may take to answer an Invalidate Request: a minute, as PCIe 6.0 section 10.3.2 says.</summary>
    public SimTime InvalidateTimeout { get; init; } = SimTime.FromSeconds(60);
}
