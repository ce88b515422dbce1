using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>
/// The heads of all channels that hold messages, least (time, channel) first. What is due soon is in a heap of its own, so that thousands of alarms that are set
/// for later do not make each event wade through them.
/// </summary>
internal sealed class EventQueue
{
    private readonly EventHeap _soon = new();
    private readonly EventHeap _later = new();

    /// <summary>All that is due before is in <see cref="_soon"/>, and nothing else.</summary>
    private long _boundaryPs = EngineLimits.LongestSoonPs;

    public bool IsEmpty => _soon.IsEmpty;

    public int Count => _soon.Count + _later.Count;

    /// <summary>Of these, what is due soon.</summary>
    public int CountSoon => _soon.Count;

    /// <summary>What comes next; when empty, a time that never comes.</summary>
    public ref readonly EventHeap.Entry Top => ref _soon.Top;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Push(long timePs, int channelId)
    {
        if (timePs < _boundaryPs) _soon.Push(timePs, channelId);
        else PushLater(timePs, channelId);
    }

    public void Pop()
    {
        _soon.Pop();
        if (_soon.IsEmpty) Refill();
    }

    /// <summary>The channel on top has a new head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReplaceTop(long timePs)
    {
        if (timePs < _boundaryPs)
        {
            _soon.ReplaceTop(timePs);
            return;
        }
        var channelId = Top.ChannelId;
        Pop();
        Push(timePs, channelId);
    }

    /// <summary>Takes out channels that were emptied without being delivered.</summary>
    public void RemoveAll(Predicate<int> isEmptied)
    {
        _soon.RemoveAll(isEmptied);
        _later.RemoveAll(isEmptied);
        if (_soon.IsEmpty) Refill();
    }

    /// <inheritdoc cref="EventHeap.Trim"/>
    public void Trim()
    {
        _soon.Trim();
        _later.Trim();
    }

    /// <inheritdoc cref="EventHeap.Foresee"/>
    public void Foresee(Channel?[] channels) => _soon.Foresee(channels);

    private void PushLater(long timePs, int channelId)
    {
        _later.Push(timePs, channelId);
        if (_soon.IsEmpty) Refill();
    }

    /// <summary>Brings in what is due next: of a while, or less where that is much. What is due at one time stays together.</summary>
    private void Refill()
    {
        if (_later.IsEmpty) return;
        var next = _later.Top;
        _boundaryPs = next.TimePs > long.MaxValue - EngineLimits.LongestSoonPs ? long.MaxValue : next.TimePs + EngineLimits.LongestSoonPs;
        var movedPs = next.TimePs;
        while (next.TimePs < _boundaryPs)
        {
            if (next.TimePs > movedPs && _soon.Count >= EngineLimits.MostSoon)
            {
                _boundaryPs = next.TimePs;
                return;
            }
            movedPs = next.TimePs;
            _soon.Push(next.TimePs, next.ChannelId);
            _later.Pop();
            next = _later.Top;
        }
    }
}
