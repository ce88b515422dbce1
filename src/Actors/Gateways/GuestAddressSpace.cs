namespace PcieFabric.Gateways;

/// <summary>The addresses that the functions of one guest reach: ranges that do not overlap, found by bisection.</summary>
internal sealed class GuestAddressSpace
{
    private readonly List<GuestRange> _ranges = [];

    /// <summary>Where the last request was; the next is there too, as a rule.</summary>
    private int _last;

    public int Count => _ranges.Count;

    public void Add(GuestRange range)
    {
        var at = IndexAfter(range.Range.Base);
        if ((at > 0 && _ranges[at - 1].Range.Overlaps(range.Range)) || (at < _ranges.Count && _ranges[at].Range.Overlaps(range.Range)))
            throw new InvalidOperationException($"Invariant: {range.Range} overlaps what a guest has there already");
        _ranges.Insert(at, range);
        _last = 0;
    }

    public void Remove(ulong address)
    {
        var at = IndexAfter(address) - 1;
        if (at < 0 || _ranges[at].Range.Base != address) throw new InvalidOperationException($"Invariant: a guest has no range at 0x{address:x}");
        _ranges.RemoveAt(at);
        _last = 0;
    }

    public bool TryFind(ulong address, ulong sizeBytes, out GuestRange found)
    {
        if (_last >= _ranges.Count || !_ranges[_last].Range.Contains(address)) _last = Math.Max(0, IndexAfter(address) - 1);
        found = _last < _ranges.Count ? _ranges[_last] : default;
        return found.Range.Contains(address, sizeBytes);
    }

    /// <returns>Where the first range is that starts behind the address.</returns>
    private int IndexAfter(ulong address)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_ranges[middle].Range.Base > address) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
