namespace PcieFabric.Tlps;

/// <summary>One request's share of a transfer: what <see cref="RequestSplitter"/> yields.</summary>
/// <param name="OffsetBytes">From the start of the transfer.</param>
public readonly record struct RequestPart(ulong Address, int LengthBytes, long OffsetBytes);

/// <summary>
/// Cuts a transfer into the fewest memory requests: none longer than Max_Payload_Size (writes) or Max_Read_Request_Size (reads), counted in
/// whole DWs as the Length field does, and none across a 4 KiB boundary (PCIe 6.0 section 2.2.7.1). An enumerator of itself, for <c>foreach</c>; allocates nothing.
/// </summary>
public struct RequestSplitter
{
    private readonly int _maxBytes;
    private readonly long _totalBytes;
    private ulong _address;
    private long _done;

    /// <param name="address">Any alignment; the transfer must not run past the end of the address space.</param>
    /// <param name="lengthBytes">Zero yields no part.</param>
    /// <param name="maxBytes">128 to 4096, a power of two (PCIe 6.0 section 7.5.3.4).</param>
    public RequestSplitter(ulong address, long lengthBytes, int maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)lengthBytes, 0 - address - 1, nameof(lengthBytes));
        PacketSize.ThrowIfNone(maxBytes);
        _address = address;
        _totalBytes = lengthBytes;
        _maxBytes = maxBytes;
    }

    public RequestPart Current { get; private set; }

    /// <summary>What no part has been yielded for.</summary>
    public readonly long LeftBytes => _totalBytes - _done;

    public readonly RequestSplitter GetEnumerator() => this;

    /// <summary>Where in the pattern of parts this is: at equal phases the same follows, as far as there is enough left. The second number is zero where all parts are alike.</summary>
    public readonly (int, int) Phase => (_maxBytes, ((int)_address & (_maxBytes - 1)) == 0 ? 0 : (int)_address & (Limits.RequestBoundaryBytes - 1));

    /// <summary>The part in hand is as long as parts can be, and so are all that follow.</summary>
    public readonly bool AreAlike => Current.LengthBytes == _maxBytes && ((int)_address & (_maxBytes - 1)) == 0 && LeftBytes % _maxBytes == 0;

    /// <summary>Goes on by parts that were yielded elsewhere, to one of a length, before the last.</summary>
    public void Skip(long bytes, int lengthBytes)
    {
        Current = new RequestPart(Current.Address + (ulong)bytes, lengthBytes, Current.OffsetBytes + bytes);
        _address = Current.Address + (ulong)lengthBytes;
        _done = Current.OffsetBytes + lengthBytes;
    }

    public bool MoveNext()
    {
        var left = _totalBytes - _done;
        if (left == 0) return false;
        var room = _maxBytes - (int)(_address & 3);
        var toBoundary = Limits.RequestBoundaryBytes - (int)(_address & (Limits.RequestBoundaryBytes - 1));
        var length = (int)Math.Min(left, Math.Min(room, toBoundary));
        Current = new RequestPart(_address, length, _done);
        _address += (ulong)length;
        _done += length;
        return true;
    }
}
