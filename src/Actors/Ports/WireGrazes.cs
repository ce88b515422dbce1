namespace PcieFabric.Ports;

/// <summary>
/// What came to a wire in the very picosecond in which it got free, and by its share a little later. It finds the wire busy; its like in another period may find it free, as soon as the
/// shares come to lie on both sides of a picosecond.
/// </summary>
internal sealed class WireGrazes
{
    private (uint Share, uint Late)[] _grazes = new (uint, uint)[64];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    /// <param name="share">Of the time at which it came.</param>
    /// <param name="late">How much later than the wire got free.</param>
    public void Add(uint share, uint late)
    {
        if (Count == _grazes.Length) Array.Resize(ref _grazes, 2 * Count);
        _grazes[Count++] = (share, late);
    }

    /// <summary>Periods, each later by a step, in which all find the wire busy. The first is later by an offset.</summary>
    public long PeriodsUntilFree(uint step, uint offset)
    {
        if (Count == 0) return long.MaxValue;
        // Packets of one length one after the other: their shares are those of a hand that goes on by the step of a packet.
        var (share, late) = _grazes[0];
        var each = Count == 1 ? step : _grazes[1].Share - share;
        if (each * (uint)Count == step && IsEven(share, late, each))
        {
            var packets = Rotation.StepsUntilBelow(share + offset, each, late);
            return packets == long.MaxValue ? packets : packets / Count;
        }
        var periods = long.MaxValue;
        foreach (var graze in _grazes.AsSpan(0, Count)) periods = Math.Min(periods, Rotation.StepsUntilBelow(graze.Share + offset, step, graze.Late));
        return periods;
    }

    private bool IsEven(uint share, uint late, uint each)
    {
        for (var i = 0; i < Count; i++, share += each)
            if (_grazes[i] != (share, late))
                return false;
        return true;
    }
}
