using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>
/// The heads of all channels that hold messages, least (time, channel) first. What is due soon is in a heap of its own, so that thousands of alarms that are set
/// for later do not make each event wade through them. Time does not run backwards: nothing comes that is due before what was last taken.
/// </summary>
internal sealed class EventQueue
{
    private readonly SoonHeap _soon = new();
    private readonly EventHeap _later = new();

    /// <summary>What is due so long after the base of <see cref="_soon"/> or later is not in there, and all else is.</summary>
    private long _soonPs = EngineLimits.LongestSoonPs;

    public bool IsEmpty => _soon.IsEmpty && _later.IsEmpty;

    public int Count => _soon.Count + _later.Count;

    /// <summary>Of these, what is due soon.</summary>
    public int CountSoon => _soon.Count;

    /// <summary>When something is due next; when empty, a time that never comes.</summary>
    public long TopPs => _soon.IsEmpty ? _later.Top.TimePs : _soon.TopPs;

    /// <summary>What is due then.</summary>
    public int TopChannelId => _soon.IsEmpty ? _later.Top.ChannelId : _soon.TopChannelId;

    /// <summary>As <see cref="TopPs"/>, as long as that is soon.</summary>
    public long TopSoonPs => _soon.TopPs;

    /// <inheritdoc cref="TopSoonPs"/>
    public int TopSoonChannelId => _soon.TopChannelId;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Push(long timePs, int channelId)
    {
        if (IsSoon(timePs)) _soon.Push(timePs, channelId);
        else PushLater(timePs, channelId);
    }

    public void Pop()
    {
        if (_soon.IsEmpty) Refill();
        _soon.Pop();
    }

    /// <summary>The channel on top has a new head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReplaceTop(long timePs)
    {
        if (IsSoon(timePs) && !_soon.IsEmpty) _soon.ReplaceTop(timePs);
        else ReplaceTopByLater(timePs);
    }

    /// <summary>What is next may be taken, if it is due before a time.</summary>
    /// <returns>Whether there was nothing soon, and now is.</returns>
    public bool TryRefill(long endPs)
    {
        if (!_soon.IsEmpty || _later.Top.TimePs >= endPs) return false;
        Refill();
        return true;
    }

    /// <summary>Takes out channels that were emptied without being delivered.</summary>
    public void RemoveAll(Predicate<int> isEmptied)
    {
        _soon.RemoveAll(isEmptied);
        _later.RemoveAll(isEmptied);
    }

    /// <summary>Whether a channel of some kind is among them. Looks at all.</summary>
    public bool Any(Predicate<int> isSought)
    {
        var isThere = false;
        RemoveAll(channelId =>
        {
            isThere = isThere || isSought(channelId);
            return false;
        });
        return isThere;
    }

    /// <inheritdoc cref="EventHeap.Trim"/>
    public void Trim()
    {
        _soon.Trim();
        _later.Trim();
    }

    /// <inheritdoc cref="SoonHeap.Foresee"/>
    public void Foresee(Channel?[] channels) => _soon.Foresee(channels);

    private bool IsSoon(long timePs) => (ulong)(timePs - _soon.BasePs) < (ulong)_soonPs;

    private void PushLater(long timePs, int channelId)
    {
        if (timePs < _soon.BasePs) throw new InvalidOperationException($"Invariant: what is due at {timePs} ps comes when {_soon.BasePs} ps are over");
        _later.Push(timePs, channelId);
    }

    private void ReplaceTopByLater(long timePs)
    {
        var channelId = TopChannelId;
        Pop();
        Push(timePs, channelId);
    }

    /// <summary>Brings in what is due next: of a while, or less where that is much. What is due at one time stays together.</summary>
    private void Refill()
    {
        var next = _later.Top;
        var movedPs = _soon.BasePs = next.TimePs;
        var endPs = next.TimePs > long.MaxValue - EngineLimits.LongestSoonPs ? long.MaxValue : next.TimePs + EngineLimits.LongestSoonPs;
        while (next.TimePs < endPs && (next.TimePs == movedPs || _soon.Count < EngineLimits.MostSoon))
        {
            movedPs = next.TimePs;
            _soon.Push(next.TimePs, next.ChannelId);
            _later.Pop();
            next = _later.Top;
        }
        _soonPs = Math.Min(next.TimePs, endPs) - _soon.BasePs;
    }
}
