namespace PcieFabric.Experiments;

/// <summary>
/// Posted writes of one requester into one place, operation after operation, as they are seen where they arrive. A fabric keeps the order of posted writes, so the last
/// byte of a slot is that of the earliest operation in this slot that has not ended yet.
/// </summary>
internal sealed class WriteStream
{
    private readonly ulong _base;
    private readonly long _bytes;
    private readonly int _operationBytes;
    private readonly long _strideBytes;
    private readonly int _leadBytes;
    private readonly int[] _rounds;

    /// <param name="slots">Operations after which the address starts again.</param>
    /// <param name="strideBytes">From one slot to the next, a multiple of four.</param>
    public WriteStream(Bdf requester, ulong address, int operationBytes, int slots, long strideBytes, int operations)
    {
        Requester = requester;
        _leadBytes = (int)(address & 3);
        _base = address - (ulong)_leadBytes;
        _operationBytes = operationBytes;
        _strideBytes = strideBytes;
        _bytes = (slots - 1) * strideBytes + (_leadBytes + operationBytes + 3 & ~3);
        _rounds = new int[slots];
        EndsPs = new long[operations];
        EndsPs.AsSpan().Fill(-1);
    }

    public Bdf Requester { get; }

    /// <summary>When the last byte of each operation arrived, in picoseconds; negative for those of which it did not. To be read when the engine stands still.</summary>
    public long[] EndsPs { get; }

    /// <summary>To be read when the engine stands still.</summary>
    public ArrivalLog Arrivals { get; } = new();

    public bool Covers(ulong address) => address - _base < (ulong)_bytes;

    public void Arrived(ref readonly Tlp write, long nowPs)
    {
        Arrivals.Add(nowPs, write.PayloadBytes);
        var offset = (long)(write.Address - _base);
        var slot = (int)(offset / _strideBytes);
        var isLast = offset + write.PayloadBytes >= slot * _strideBytes + _leadBytes + _operationBytes;
        if (!isLast) return;
        var operation = slot + (long)_rounds[slot]++ * _rounds.Length;
        if (operation < EndsPs.Length) EndsPs[operation] = nowPs;
    }
}
