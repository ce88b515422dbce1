namespace PcieFabric.Links;

/// <summary>
/// The closed form of what DMA of one transfer size can reach on a link: the model of "Understanding PCIe performance for end host networking" (SIGCOMM 2018).
/// A bound from throughput alone: no latency, tags, credits, DW padding or 4 KiB boundaries. Results are payload bits a second.
/// </summary>
/// <param name="TlpBitsPerSecond">What the link leaves for TLPs in each direction.</param>
/// <param name="MaxPayloadSize">Bytes; splits writes and, without <paramref name="CompletionChunk"/>, completions.</param>
/// <param name="MaxReadRequestSize">Bytes; splits reads.</param>
public sealed record EffectiveBandwidth(double TlpBitsPerSecond, int MaxPayloadSize, int MaxReadRequestSize)
{
    private const int CompletionBytes = 20;

    /// <summary>The closed form for a link's own rate, DLLP overhead, MPS and MRRS.</summary>
    public static EffectiveBandwidth Of(LinkSettings link) => new(link.TlpBitsPerSecond, link.MaxPayloadSize, link.MaxReadRequestSize);

    /// <summary>Bytes that a completer puts into one completion: the MPS, or the Read Completion Boundary of one that splits at each.</summary>
    public int CompletionChunk { get; init; } = MaxPayloadSize;

    /// <summary>Requests carry four DW of header, as above 4 GiB, instead of three.</summary>
    public bool Address64 { get; init; } = true;

    /// <summary>Every TLP carries a digest.</summary>
    public bool Ecrc { get; init; }

    private long RequestOverhead => (Address64 ? 24 : 20) + DigestBytes;
    private long CompletionOverhead => CompletionBytes + DigestBytes;
    private long DigestBytes => Ecrc ? 4 : 0;

    /// <summary>Memory writes of <paramref name="sizeBytes"/> each, one direction.</summary>
    public double Write(int sizeBytes) => Share(sizeBytes, WriteBytes(sizeBytes));

    /// <summary>Memory reads of <paramref name="sizeBytes"/> each: the busier of the requests' and the completions' direction decides.</summary>
    public double Read(int sizeBytes) => Share(sizeBytes, Math.Max(ReadRequestBytes(sizeBytes), CompletionDirectionBytes(sizeBytes)));

    /// <summary>As many reads as writes at once; what each of the two reaches.</summary>
    public double ReadAndWrite(int sizeBytes) =>
        Share(sizeBytes, Math.Max(WriteBytes(sizeBytes) + ReadRequestBytes(sizeBytes), CompletionDirectionBytes(sizeBytes)));

    private long WriteBytes(int sizeBytes) => Pieces(sizeBytes, MaxPayloadSize) * RequestOverhead + sizeBytes;
    private long ReadRequestBytes(int sizeBytes) => Pieces(sizeBytes, MaxReadRequestSize) * RequestOverhead;
    private long CompletionDirectionBytes(int sizeBytes) => Pieces(sizeBytes, CompletionChunk) * CompletionOverhead + sizeBytes;

    private double Share(int sizeBytes, long wireBytes) => sizeBytes * TlpBitsPerSecond / wireBytes;

    private static long Pieces(int sizeBytes, int pieceBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sizeBytes, 1);
        return ((long)sizeBytes + pieceBytes - 1) / pieceBytes;
    }
}
