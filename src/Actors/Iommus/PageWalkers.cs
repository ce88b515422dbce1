namespace PcieFabric.Iommus;

/// <summary>The walkers of an IOMMU: each makes one page walk after the other.</summary>
internal sealed class PageWalkers(int walkers)
{
    private readonly long[] _freeAtPs = new long[walkers];

    /// <summary>Gives a walk to the walker that is free first.</summary>
    /// <returns>When it begins.</returns>
    public long Begin(long nowPs, long durationPs)
    {
        var first = 0;
        for (var i = 1; i < _freeAtPs.Length; i++)
            if (_freeAtPs[i] < _freeAtPs[first])
                first = i;
        var beginPs = Math.Max(nowPs, _freeAtPs[first]);
        _freeAtPs[first] = beginPs + durationPs;
        return beginPs;
    }
}
