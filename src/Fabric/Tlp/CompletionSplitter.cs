namespace PcieFabric.Tlps;

/// <summary>One completion's share of an answer, in DW from the first DW of the request: what <see cref="Tlp.CompletionWithData"/> takes.</summary>
public readonly record struct CompletionPart(int OffsetDw, int LengthDw);

/// <summary>
/// Cuts the answer of a request into completions with data: the fewest that Max_Payload_Size allows when every one but the last ends on a
/// Read Completion Boundary (PCIe 6.0 section 2.3.1.1). What is not a memory read is answered by one. An enumerator of itself, for <c>foreach</c>; allocates nothing.
/// </summary>
public struct CompletionSplitter
{
    private readonly ulong _address;
    private readonly int _totalDw;
    private readonly int _maxBytes;
    private readonly int _boundaryBytes;
    private int _doneDw;

    /// <param name="request">A request that is answered with data.</param>
    /// <param name="maxPayloadBytes">128 to 4096, a power of two.</param>
    /// <param name="readCompletionBoundaryBytes">64 or 128 for a root complex, as its Link Control register says; 128 for everything else.</param>
    public CompletionSplitter(in Tlp request, int maxPayloadBytes, int readCompletionBoundaryBytes)
    {
        PacketSize.ThrowIfNone(maxPayloadBytes);
        if (readCompletionBoundaryBytes is not (64 or 128))
            throw new ArgumentOutOfRangeException(nameof(readCompletionBoundaryBytes), readCompletionBoundaryBytes, "the RCB is 64 or 128 bytes");
        _address = request.IsMemoryRead ? request.Address : 0;
        _totalDw = request.AnswerLengthDw;
        _maxBytes = maxPayloadBytes;
        _boundaryBytes = readCompletionBoundaryBytes;
    }

    /// <summary>Of a memory read.</summary>
    /// <param name="address">Of the read's first DW.</param>
    public CompletionSplitter(ulong address, int lengthDw, int maxPayloadBytes, int readCompletionBoundaryBytes) =>
        (_address, _totalDw, _maxBytes, _boundaryBytes) = (address, lengthDw, maxPayloadBytes, readCompletionBoundaryBytes);

    public CompletionPart Current { get; private set; }

    public readonly CompletionSplitter GetEnumerator() => this;

    public bool MoveNext()
    {
        var leftDw = _totalDw - _doneDw;
        if (leftDw == 0) return false;
        var lengthDw = leftDw;
        if (leftDw * 4 > _maxBytes)
        {
            var start = _address + (ulong)_doneDw * 4;
            var end = (start + (ulong)_maxBytes) & ~(ulong)(_boundaryBytes - 1);
            lengthDw = (int)(end - start) / 4;
        }
        Current = new CompletionPart(_doneDw, lengthDw);
        _doneDw += lengthDw;
        return true;
    }
}
