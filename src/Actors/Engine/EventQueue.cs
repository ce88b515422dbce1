using System.Runtime.CompilerServices;

namespace PcieFabric.Engine;

/// <summary>
/// The heads of all channels that hold messages, least (time, channel) first. What is due soon is in a heap of its own, so that thousands of alarms that are set
/// for later do not make each event wade through them; of those the next wait in line, in order, so that what they will need can be fetched ahead of them.
/// Time does not run backwards: nothing comes that is due before what was last taken.
/// </summary>
internal sealed class EventQueue
{
    private readonly SoonHeap _soon = new();
    private readonly EventRows _later = new();

    /// <summary>What left <see cref="_later"/> and is not in <see cref="_soon"/> yet, the next first, from <see cref="_first"/> on.</summary>
    private EventHeap.Entry[] _line = [];
    private int _first;
    private int _end;

    /// <summary>What is due so long after the base of <see cref="_soon"/> or later is in <see cref="_later"/>, and all else is not.</summary>
    private long _soonPs = EngineLimits.LongestSoonPs;

    public bool IsEmpty => Count == 0;

    public int Count => _soon.Count + InLine + _later.Count;

    /// <summary>When something is due next; when empty, a time that never comes.</summary>
    public long TopPs => Math.Min(_soon.TopPs, WaitingPs);

    /// <summary>What is due then.</summary>
    public int TopChannelId => new EventHeap.Entry(_soon.TopPs, _soon.TopChannelId).Precedes(in Waiting) ? _soon.TopChannelId : Waiting.ChannelId;

    /// <summary>As <see cref="TopPs"/>, before <see cref="WaitingPs"/>.</summary>
    public long TopSoonPs => _soon.TopPs;

    /// <inheritdoc cref="TopSoonPs"/>
    public int TopSoonChannelId => _soon.TopChannelId;

    /// <summary>When the first is due of what has to be brought in before it can be taken.</summary>
    public long WaitingPs { get; private set; } = long.MaxValue;

    private int InLine => _end - _first;

    private ref readonly EventHeap.Entry Waiting => ref InLine > 0 ? ref _line[_first] : ref _later.Top;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Push(long timePs, int channelId)
    {
        if (IsSoon(timePs)) _soon.Push(timePs, channelId);
        else PushLater(timePs, channelId);
    }

    /// <summary>Takes what is next, which nothing that waits precedes: see <see cref="TryBringIn"/>.</summary>
    public void Pop() => _soon.Pop();

    /// <summary>The channel that is next, as for <see cref="Pop"/>, has a new head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReplaceTop(long timePs)
    {
        if (IsSoon(timePs)) _soon.ReplaceTop(timePs);
        else ReplaceTopByLater(timePs);
    }

    /// <summary>What waits may be taken, if it is due before a time.</summary>
    /// <param name="channels">All, by number: where much waits, what it will need is fetched ahead.</param>
    /// <returns>Whether something was brought in.</returns>
    public bool TryBringIn(long endPs, Channel?[] channels)
    {
        if (WaitingPs >= endPs) return false;
        BringIn();
        if (InLine >= EngineLimits.ForeseenFrom) Foresight.See(channels, _line.AsSpan(_first));
        return true;
    }

    /// <summary>Takes out channels that were emptied without being delivered.</summary>
    public void RemoveAll(Predicate<int> isEmptied)
    {
        _soon.RemoveAll(isEmptied);
        _later.RemoveAll(isEmptied);
        var end = _first;
        foreach (ref readonly var entry in _line.AsSpan(_first, InLine))
            if (!isEmptied(entry.ChannelId)) _line[end++] = entry;
        _end = end;
        FindWaiting();
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

    private bool IsSoon(long timePs) => (ulong)(timePs - _soon.BasePs) < (ulong)_soonPs;

    private void PushLater(long timePs, int channelId)
    {
        if (timePs < _soon.BasePs) throw new InvalidOperationException($"Invariant: what is due at {timePs} ps comes when {_soon.BasePs} ps are over");
        _later.Push(timePs, channelId);
        FindWaiting();
    }

    private void ReplaceTopByLater(long timePs)
    {
        var channelId = _soon.TopChannelId;
        _soon.Pop();
        Push(timePs, channelId);
    }

    /// <summary>The first of what waits may be taken from now on.</summary>
    public void BringIn()
    {
        if (InLine == 0 || (InLine < EngineLimits.MostInLine / 2 && TopPs - _soon.BasePs > EngineLimits.CrowdedSoonPs / 2)) Refill();
        ref readonly var entry = ref _line[_first++];
        _soon.Push(entry.TimePs, entry.ChannelId);
        FindWaiting();
    }

    private void FindWaiting() => WaitingPs = Waiting.TimePs;

    /// <summary>Lines up what is due next: of a while, or of less where that is much. What is due at one time stays together.</summary>
    private void Refill()
    {
        var nowPs = _soon.BasePs = TopPs;
        _line.AsSpan(_first, InLine).CopyTo(_line);
        (_first, _end) = (0, InLine);
        var lastPs = InLine > 0 ? _line[_end - 1].TimePs : nowPs;
        while (_later.Top is var next && (next.TimePs == lastPs || (next.TimePs < EndPs() && _end < EngineLimits.MostInLine)))
        {
            if (_end == _line.Length) Array.Resize(ref _line, Math.Max(16, 2 * _end));
            lastPs = next.TimePs;
            _line[_end++] = next;
            _later.Pop();
        }
        // Where it came to be much meanwhile, some stand in line that are due after that.
        _soonPs = Math.Max(Math.Min(_later.Top.TimePs, EndPs()), lastPs + 1) - nowPs;

        long EndPs() => nowPs + Math.Min(_end < EngineLimits.ForeseenFrom ? EngineLimits.LongestSoonPs : EngineLimits.CrowdedSoonPs, long.MaxValue - nowPs);
    }
}
