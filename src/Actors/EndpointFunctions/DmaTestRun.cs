namespace PcieFabric.EndpointFunctions;

/// <summary>One run of a <see cref="DmaTest"/>: what it was asked, and when each operation began and ended. To be read when the engine stands still.</summary>
public sealed class DmaTestRun
{
    /// <summary>Operations for which there is room from the beginning. Registers may ask for a thousand million and then be reset.</summary>
    private const int FirstOperations = 1 << 16;

    /// <summary>What an operation under way takes beside its data.</summary>
    private const long OverheadBytes = 4096;

    private int _next;

    internal DmaTestRun(int operations, int operationBytes, bool reads)
    {
        (Operations, OperationBytes) = (operations, operationBytes);
        (StartsPs, ReadEndsPs) = ([], []);
        Grow(reads);
    }

    /// <summary>The time of what has not happened.</summary>
    public const long NotYet = -1;

    public int Operations { get; }

    public int OperationBytes { get; }

    /// <summary>In picoseconds, by operation; of a run that came to its end for all, of others for at least those that began.</summary>
    public long[] StartsPs { get; private set; }

    /// <summary>When the last data of each operation's read came, in picoseconds. A posted write has no end that its requester could see.</summary>
    public long[] ReadEndsPs { get; private set; }

    /// <summary>Reads that ended badly: an error completion, a timeout, poison or wrong data.</summary>
    public int Failed { get; internal set; }

    /// <summary>The function was reset: nothing more is begun.</summary>
    internal bool IsOver { get; set; }

    internal bool TryBegin(SimTime now, out int operation)
    {
        operation = _next;
        if (IsOver || _next == Operations) return false;
        if (_next == StartsPs.Length) Grow(ReadEndsPs.Length > 0);
        StartsPs[_next++] = now.Picoseconds;
        return true;
    }

    /// <summary>
    /// Whether a function can do what registers say, which may be anything: with the buffers that it has, and so that each operation takes time. What it cannot do
    /// fails as a whole.
    /// </summary>
    internal static bool IsPossible(uint operations, uint operationBytes, uint underWay) =>
        operations is > 0 and <= Limits.MaxOperations && operationBytes > 0 && Math.Min(operations, Math.Max(1, underWay)) * (operationBytes + OverheadBytes) <= Limits.MaxDmaTestBytes;

    private void Grow(bool reads)
    {
        var (before, length) = (StartsPs.Length, (int)Math.Min(Operations, Math.Max(FirstOperations, 2L * StartsPs.Length)));
        var (starts, readEnds) = (StartsPs, ReadEndsPs);
        Array.Resize(ref starts, length);
        starts.AsSpan(before).Fill(NotYet);
        if (reads)
        {
            Array.Resize(ref readEnds, length);
            readEnds.AsSpan(before).Fill(NotYet);
        }
        (StartsPs, ReadEndsPs) = (starts, readEnds);
    }
}
