using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>Heads of channels, least (time, channel) first: a heap of four children a node, half as deep as one of two, whose siblings lie side by side in the cache.</summary>
internal sealed class EventHeap
{
    private static readonly Entry s_never = new(long.MaxValue, -1);

    private Entry[] _heap = new Entry[64];
    private int _count;

    public EventHeap() => _heap[0] = s_never;

    public readonly record struct Entry(long TimePs, int ChannelId)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Precedes(in Entry other) => TimePs < other.TimePs || (TimePs == other.TimePs && ChannelId < other.ChannelId);
    }

    public bool IsEmpty => _count == 0;

    public int Count => _count;

    /// <summary>What comes next; when empty, a time that never comes.</summary>
    public ref readonly Entry Top => ref _heap[0];

    public void Push(long timePs, int channelId)
    {
        if (_count == _heap.Length) Array.Resize(ref _heap, _count * 2);
        var heap = _heap;
        var entry = new Entry(timePs, channelId);
        var at = _count++;
        while (at > 0)
        {
            var parent = (at - 1) >> 2;
            if (!entry.Precedes(heap[parent])) break;
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = entry;
    }

    public void Pop()
    {
        _count--;
        if (_count > 0) SiftDown(_heap[_count]);
        else _heap[0] = s_never;
    }

    /// <summary>Gives memory back that only a burst needed, such as the start of a large fabric.</summary>
    public void Trim()
    {
        if (_heap.Length <= 1024 || _count >= _heap.Length / 8) return;
        Array.Resize(ref _heap, Math.Max(64, _count * 2));
    }

    /// <summary>Takes out channels that were emptied without being delivered.</summary>
    public void RemoveAll(Predicate<int> isEmptied)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
            if (!isEmptied(_heap[i].ChannelId)) _heap[kept++] = _heap[i];
        if (kept == _count) return;
        _count = 0;
        for (var i = 0; i < kept; i++) Push(_heap[i].TimePs, _heap[i].ChannelId);
        if (kept == 0) _heap[0] = s_never;
    }

    private void SiftDown(Entry entry)
    {
        var heap = _heap;
        var count = _count;
        var at = 0;
        while (true)
        {
            var child = 4 * at + 1;
            if (child >= count) break;
            var last = Math.Min(child + 4, count);
            for (var other = child + 1; other < last; other++)
                if (heap[other].Precedes(heap[child])) child = other;
            if (!heap[child].Precedes(entry)) break;
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = entry;
    }
}
