using System.Numerics;

namespace PcieFabric.Ports;

/// <summary>Credits on their way, in the order in which they arrive: a ring.</summary>
internal sealed class CreditFlow
{
    private const int LeastRing = 32;

    private Credits[] _ring = [];
    private int _head;

    public readonly record struct Credits(TrainTime Time, int Headers, int Data);

    public int Count { get; private set; }

    public bool IsEmpty => Count == 0;

    /// <summary>The next to arrive. Only when not empty.</summary>
    public ref readonly Credits Next => ref _ring[_head];

    /// <param name="index">From the next to arrive on.</param>
    public ref Credits this[int index] => ref _ring[(_head + index) & (_ring.Length - 1)];

    public void Add(TrainTime time, int headers, int data)
    {
        if (Count == _ring.Length) Grow(Count + 1);
        this[Count++] = new Credits(time, headers, data);
    }

    public void Take()
    {
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
    }

    /// <summary>Takes several.</summary>
    public void Take(int count)
    {
        if ((uint)count > (uint)Count) throw new InvalidOperationException($"Invariant: {count} batches of credits have come, and {Count} were on their way");
        _head = (_head + count) & (_ring.Length - 1);
        Count -= count;
    }

    public void CopyTo(Span<Credits> all)
    {
        for (var i = 0; i < Count; i++) all[i] = this[i];
    }

    public void Put(ReadOnlySpan<Credits> all)
    {
        if (all.Length > _ring.Length) Grow(all.Length);
        all.CopyTo(_ring);
        (_head, Count) = (0, all.Length);
    }

    /// <summary>All arrive later.</summary>
    public void Shift(TrainTime by)
    {
        for (var i = 0; i < Count; i++) this[i] = this[i] with { Time = this[i].Time + by };
    }

    private void Grow(int least)
    {
        var ring = new Credits[BitOperations.RoundUpToPowerOf2((uint)Math.Max(LeastRing, least))];
        CopyTo(ring);
        (_ring, _head) = (ring, 0);
    }
}
