using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>
/// Channels by the times of their heads, least (time, channel) first, for times so close to each other that a time and a channel are one number: a heap of four children a
/// node, half as deep as one of two, whose siblings lie side by side in the cache. Behind the last entry come some that are never due, so that a node has four children or none.
/// </summary>
internal sealed class SoonHeap
{
    /// <summary>Of a channel in an entry. What is left of 63 bits holds 2 ms.</summary>
    private const int ChannelBits = 32;

    private const long Never = long.MaxValue;
    private const int Children = 4;
    private const int LeastPlaces = 64;

    private long[] _entries = New(LeastPlaces);
    private int _count;

    /// <summary>What times count from, in picoseconds: not after the top.</summary>
    public long BasePs
    {
        get;
        set
        {
            var by = (value - field) << ChannelBits;
            if (_count > 0 && by != 0)
                foreach (ref var entry in _entries.AsSpan(0, _count)) entry -= by;
            field = value;
        }
    }

    public bool IsEmpty => _count == 0;

    public int Count => _count;

    /// <summary>Of what comes next; when empty, a time that never comes.</summary>
    public long TopPs => _entries[0] == Never ? long.MaxValue : BasePs + (_entries[0] >> ChannelBits);

    public int TopChannelId => (int)_entries[0];

    /// <param name="timePs">From the base on, and less than 2 ms later.</param>
    public void Push(long timePs, int channelId)
    {
        if (_count + Children >= _entries.Length) Resize(2 * _entries.Length);
        var entries = _entries;
        var entry = EntryOf(timePs, channelId);
        var at = _count++;
        while (at > 0)
        {
            var parent = (at - 1) >> 2;
            if (entry > entries[parent]) break;
            entries[at] = entries[parent];
            at = parent;
        }
        entries[at] = entry;
    }

    public void Pop()
    {
        _count--;
        var last = _entries[_count];
        _entries[_count] = Never;
        if (_count > 0) SiftDown(last);
    }

    /// <summary>The channel on top has a new head.</summary>
    public void ReplaceTop(long timePs) => SiftDown(EntryOf(timePs, TopChannelId));

    /// <summary>Gives memory back that only a burst needed, such as the start of a large fabric.</summary>
    public void Trim()
    {
        if (_entries.Length <= 1024 || _count >= _entries.Length / 8) return;
        Resize(Math.Max(LeastPlaces, _count * 2));
    }

    /// <summary>Takes out channels that were emptied without being delivered.</summary>
    public void RemoveAll(Predicate<int> isEmptied)
    {
        var kept = Array.FindAll(_entries[.._count], entry => !isEmptied((int)entry));
        if (kept.Length == _count) return;
        _entries.AsSpan(0, _count).Fill(Never);
        _count = 0;
        foreach (var entry in kept) Push(BasePs + (entry >> ChannelBits), (int)entry);
    }

    private long EntryOf(long timePs, int channelId) => ((timePs - BasePs) << ChannelBits) + channelId;

    private void SiftDown(long entry)
    {
        var entries = _entries;
        var at = 0;
        for (var first = 1; first < _count; first = Children * at + 1)
        {
            var child = first + LeastOf(entries.AsSpan(first, Children));
            if (entries[child] > entry) break;
            entries[at] = entries[child];
            at = child;
        }
        entries[at] = entry;
    }

    /// <summary>Which of four comes first. Without branches, of which nobody could foresee where they go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LeastOf(ReadOnlySpan<long> children)
    {
        var left = IsLess(children[1], children[0]);
        var right = 2 + IsLess(children[3], children[2]);
        return left + (right - left) * IsLess(children[right], children[left]);
    }

    /// <summary>One or zero. Entries are not negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IsLess(long one, long other) => (int)((ulong)(one - other) >> 63);

    private static long[] New(int places)
    {
        var entries = new long[places];
        Array.Fill(entries, Never);
        return entries;
    }

    private void Resize(int places)
    {
        var entries = New(places);
        _entries.AsSpan(0, _count).CopyTo(entries);
        _entries = entries;
    }
}
