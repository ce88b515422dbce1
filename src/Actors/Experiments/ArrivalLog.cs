namespace PcieFabric.Experiments;

/// <summary>
/// How many bytes had arrived by when. Of a long stream every second, then every fourth arrival is kept, and so on, so that memory stays bounded and the
/// error below a ten-thousandth of the whole.
/// </summary>
internal sealed class ArrivalLog
{
    private const int MaxSamples = 1 << 15;

    private readonly List<(long AtPs, long Bytes)> _samples = [];
    private long _bytes;
    private int _every = 1;
    private int _skipped;

    /// <param name="atPs">Not before the last.</param>
    public void Add(long atPs, int bytes)
    {
        _bytes += bytes;
        if (++_skipped < _every) return;
        _skipped = 0;
        if (_samples.Count == MaxSamples) Thin();
        _samples.Add((atPs, _bytes));
    }

    /// <summary>Bytes that arrived after the one time and not after the other.</summary>
    public long Within(long fromPs, long toPs) => UpTo(toPs) - UpTo(fromPs);

    private long UpTo(long atPs)
    {
        var (low, high) = (0, _samples.Count);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (_samples[middle].AtPs <= atPs) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : _samples[low - 1].Bytes;
    }

    private void Thin()
    {
        for (var i = 1; i < _samples.Count; i += 2) _samples[i / 2] = _samples[i];
        _samples.RemoveRange(_samples.Count / 2, _samples.Count - _samples.Count / 2);
        _every *= 2;
    }
}
