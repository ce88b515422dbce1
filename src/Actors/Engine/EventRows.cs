namespace PcieFabric.Engine;

/// <summary>
/// Heads of channels, least (time, channel) first, where many are alarms: those that are set for the same while come in the order in which they are due, and stand in a row, which is
/// written at one end and read at the other however long it is. What fits no row is in a heap.
/// </summary>
internal sealed class EventRows
{
    private readonly Row[] _rows = [.. Enumerable.Range(0, EngineLimits.RowsOfEvents).Select(_ => new Row())];
    private readonly EventHeap _others = new();

    /// <summary>Where the top is; null for the heap.</summary>
    private Row? _first;

    public int Count { get; private set; }

    /// <inheritdoc cref="EventHeap.Top"/>
    public ref readonly EventHeap.Entry Top => ref _first is null ? ref _others.Top : ref _first.Head;

    public void Push(long timePs, int channelId)
    {
        Count++;
        var entry = new EventHeap.Entry(timePs, channelId);
        foreach (var row in _rows)
        {
            if (!row.TryAdd(in entry)) continue;
            // Behind others it is not the first.
            if (row.Count == 1 && entry.Precedes(in Top)) _first = row;
            return;
        }
        _others.Push(timePs, channelId);
        if (_first is not null && entry.Precedes(in _first.Head)) _first = null;
    }

    public void Pop()
    {
        Count--;
        if (_first is null) _others.Pop();
        else _first.Take();
        FindFirst();
    }

    /// <inheritdoc cref="EventHeap.Trim"/>
    public void Trim()
    {
        foreach (var row in _rows) row.Trim();
        _others.Trim();
    }

    /// <inheritdoc cref="EventHeap.RemoveAll"/>
    public void RemoveAll(Predicate<int> isEmptied)
    {
        _others.RemoveAll(isEmptied);
        Count = _others.Count;
        foreach (var row in _rows)
        {
            row.RemoveAll(isEmptied);
            Count += row.Count;
        }
        FindFirst();
    }

    private void FindFirst()
    {
        _first = null;
        foreach (var row in _rows)
            if (row.Count > 0 && row.Head.Precedes(in Top))
                _first = row;
    }

    /// <summary>A ring.</summary>
    private sealed class Row
    {
        private const int LeastPlaces = 16;

        private EventHeap.Entry[] _places = new EventHeap.Entry[LeastPlaces];
        private int _head;

        public int Count { get; private set; }

        /// <summary>Only when not empty.</summary>
        public ref readonly EventHeap.Entry Head => ref _places[_head];

        /// <returns>False for what comes before the last that stands there.</returns>
        public bool TryAdd(in EventHeap.Entry entry)
        {
            var mask = _places.Length - 1;
            if (Count > 0 && entry.Precedes(in _places[(_head + Count - 1) & mask])) return false;
            if (Count == _places.Length) Resize(2 * Count);
            _places[(_head + Count++) & (_places.Length - 1)] = entry;
            return true;
        }

        public void Take()
        {
            _head = (_head + 1) & (_places.Length - 1);
            Count--;
        }

        public void Trim()
        {
            if (_places.Length > 1024 && Count < _places.Length / 8) Resize(_places.Length / 4);
        }

        public void RemoveAll(Predicate<int> isEmptied)
        {
            var (mask, kept) = (_places.Length - 1, 0);
            for (var i = 0; i < Count; i++)
            {
                var entry = _places[(_head + i) & mask];
                if (!isEmptied(entry.ChannelId)) _places[(_head + kept++) & mask] = entry;
            }
            Count = kept;
        }

        /// <param name="places">A power of two.</param>
        private void Resize(int places)
        {
            var moved = new EventHeap.Entry[places];
            for (var i = 0; i < Count; i++) moved[i] = _places[(_head + i) & (_places.Length - 1)];
            (_places, _head) = (moved, 0);
        }
    }
}
