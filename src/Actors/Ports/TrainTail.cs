namespace PcieFabric.Ports;

/// <summary>
/// What is under way of one transfer when a train rests, to go on with the next: the requests since a mark at which all earlier ones had got to their end, with their bytes as they were when
/// they were sent. The software may have changed its own meanwhile.
/// </summary>
internal sealed class TrainTail
{
    private byte[] _bytes = [];
    private Tlp _header;
    private long _firstByte;

    /// <summary>The address of the first byte.</summary>
    public ulong Address { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Credits that are on their way to the source once all of the tail is followed, and what its source sent behind it.</summary>
    public int Returns { get; set; }

    /// <summary>Of these, those that the source had got when the train went on.</summary>
    public int ReturnsGone { get; set; }

    /// <summary>The source's transmitter when the train went on.</summary>
    public LegState Source;

    /// <param name="header">A request of the transfer.</param>
    /// <param name="first">The first of the tail.</param>
    /// <param name="bytes">Of all that was followed of it.</param>
    public void Take(in Tlp header, in RequestPart first, ReadOnlySpan<byte> bytes, int returns)
    {
        if (_bytes.Length < bytes.Length) _bytes = new byte[bytes.Length];
        bytes.CopyTo(_bytes);
        (_header, _firstByte, Address, Bytes, Returns) = (header, first.OffsetBytes, first.Address, bytes.Length, returns);
    }

    public ReadOnlySpan<byte> First(long bytes) => _bytes.AsSpan(0, (int)bytes);

    /// <summary>A request as it was sent.</summary>
    public Tlp Whole(in RequestPart part, PayloadPool pool)
    {
        var tlp = Tlp.MemoryWriteHeader(_header.Requester, part.Address, part.LengthBytes);
        tlp.CopyAttributesFrom(in _header);
        tlp.AddData((int)part.Address & 3, _bytes.AsSpan((int)(part.OffsetBytes - _firstByte), part.LengthBytes), pool);
        return tlp;
    }
}
