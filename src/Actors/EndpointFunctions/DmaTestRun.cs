namespace PcieFabric.EndpointFunctions;

/// <summary>One run of a <see cref="DmaTest"/>: what it was asked, and when each operation began and ended. To be read when the engine stands still.</summary>
public sealed class DmaTestRun
{
    private int _next;

    internal DmaTestRun(int operations, int operationBytes, bool reads)
    {
        (Operations, OperationBytes) = (operations, operationBytes);
        StartsPs = new long[operations];
        ReadEndsPs = new long[reads ? operations : 0];
        StartsPs.AsSpan().Fill(NotYet);
        ReadEndsPs.AsSpan().Fill(NotYet);
    }

    /// <summary>The time of what has not happened.</summary>
    public const long NotYet = -1;

    public int Operations { get; }

    public int OperationBytes { get; }

    /// <summary>In picoseconds, by operation.</summary>
    public long[] StartsPs { get; }

    /// <summary>When the last data of each operation's read came, in picoseconds. A posted write has no end that its requester could see.</summary>
    public long[] ReadEndsPs { get; }

    /// <summary>Reads that ended badly: an error completion, a timeout, poison or wrong data.</summary>
    public int Failed { get; internal set; }

    /// <summary>The function was reset: nothing more is begun.</summary>
    internal bool IsOver { get; set; }

    internal bool TryBegin(SimTime now, out int operation)
    {
        operation = _next;
        if (IsOver || _next == Operations) return false;
        StartsPs[_next++] = now.Picoseconds;
        return true;
    }
}
