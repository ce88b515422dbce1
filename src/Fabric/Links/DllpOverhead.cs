namespace PcieFabric.Links;

/// <summary>
/// What Ack and UpdateFC DLLPs and SKP ordered sets take from a link, as published with "Understanding PCIe performance for end
/// host networking" (SIGCOMM 2018): one Ack and one UpdateFC for every latency limit's worth of symbols, in both directions.
/// </summary>
public static class DllpOverhead
{
    /// <summary>A DLLP on the wire: 2 bytes of framing, 4 of content, 2 of CRC (PCIe 6.0 section 3.5).</summary>
    public const int DllpBytes = 8;

    /// <summary>SKP ordered sets: 4 symbols at least every 1538 (PCIe 5.0 section 4.2.7).</summary>
    public const double SkpShare = 4.0 / 1538;

    /// <summary>A TLP of this many bytes around its payload is what the limits are computed for (PCIe 6.0 section 3.6.3.1).</summary>
    private const int TlpOverheadBytes = 28;

    /// <summary>
    /// The recommended longest time, in symbol times, from a TLP to its Ack, and between UpdateFCs: (MPS + 28) * AckFactor / width + internal delay
    /// (PCIe 6.0 sections 3.6.3.1 and 2.6.1.2). The published values stop at generation 3; faster ones use its values, as the published model does.
    /// </summary>
    public static int AckLimit(LinkGeneration generation, LinkWidth width, int maxPayloadSize)
    {
        var small = maxPayloadSize <= 256;
        var ackFactorTenths = width.Lanes switch
        {
            <= 4 => small ? 14 : 10,
            8 => small ? 25 : 10,
            _ => small ? 30 : 20,
        };
        var internalDelay = generation.Number switch { 1 => 19, 2 => 70, _ => 115 };
        return (maxPayloadSize + TlpOverheadBytes) * ackFactorTenths / (10 * width.Lanes) + internalDelay;
    }

    /// <summary><see cref="AckLimit"/> in picoseconds: with <see cref="DllpMode.Real"/>, how long an Ack or UpdateFC may wait for company.</summary>
    public static long AckLimitPs(LinkGeneration generation, LinkWidth width, int maxPayloadSize) =>
        (long)AckLimit(generation, width, maxPayloadSize) * LinkRate.SymbolTimePs(generation);

    /// <summary>The share of the raw rate that is left for TLPs: 0.919 for generation 3 x8 at 256 bytes.</summary>
    public static double TlpRateFactor(LinkGeneration generation, LinkWidth width, int maxPayloadSize)
    {
        var limit = AckLimit(generation, width, maxPayloadSize);
        var ackShare = (double)DllpBytes / limit;
        var updateShare = (double)DllpBytes / limit;
        return 1 - ackShare - updateShare - SkpShare;
    }

    /// <summary>The share of the raw rate that is left for what <paramref name="mode"/> sends as packets.</summary>
    public static double RateFactor(DllpMode mode, LinkGeneration generation, LinkWidth width, int maxPayloadSize) => mode switch
    {
        DllpMode.RateFactor => TlpRateFactor(generation, width, maxPayloadSize),
        DllpMode.Real => 1 - SkpShare,
        DllpMode.None => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(mode)),
    };
}
