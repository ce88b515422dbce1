using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Watches one partition: keeps the digests of its actors and, if asked to, its messages. On the partition's thread.</summary>
internal sealed class PartitionTap : IMessageObserver
{
    private readonly Digest[] _digests;
    private readonly ObservedTimes _times;
    private readonly RunTap? _run;
    private readonly RunSink? _sink;
    private readonly bool[] _isChanged;
    private readonly int[] _changed;
    private int _changes;
    private long _windowEndPs;
    private long _intervalEndPs;

    /// <summary>Messages before it are of interest to nobody but those who want all: most are.</summary>
    private long _attendPs = long.MinValue;

    /// <param name="digests">Of all actors; this partition touches those of its own.</param>
    /// <param name="times">When digests are taken.</param>
    /// <param name="run">Is told when digests are due, before the message behind them; null where messages are not wanted, or wait for those of other partitions.</param>
    /// <param name="sink">Gets messages at once, of <paramref name="run"/>'s only partition; else null.</param>
    /// <param name="log">Keeps messages for the end of the turn; null where they are not wanted, or need not wait.</param>
    public PartitionTap(Digest[] digests, ObservedTimes times, RunTap? run, RunSink? sink, MessageLog? log)
    {
        (_digests, _times, _run, _sink, Log) = (digests, times, run, sink, log);
        (_windowEndPs, _intervalEndPs) = (times.WindowPs, times.IntervalPs);
        _isChanged = new bool[digests.Length];
        _changed = new int[digests.Length];
    }

    public MessageLog? Log { get; }

    /// <summary>Digests at the ends of intervals that are over, for the run to collect.</summary>
    public List<(long IntervalEndPs, ActorDigest Digest)> Closed { get; } = [];

    public void Delivered(ref readonly Message message, int channelId, int receiver)
    {
        if (message.DeliveredAtPs >= _attendPs) Attend(in message, receiver);
        if (_sink is not null) _sink.Message(in message, channelId);
        else Log?.Add(in message, channelId);
    }

    /// <summary>The next message is looked at, whenever it comes.</summary>
    public void AttendNext() => _attendPs = long.MinValue;

    private void Attend(ref readonly Message message, int receiver)
    {
        if (message.DeliveredAtPs >= _intervalEndPs) CloseInterval(message.DeliveredAtPs);
        var isInWindow = message.DeliveredAtPs < _windowEndPs;
        if (isInWindow) AddToDigest(in message, receiver);
        _run?.GiveDigestsBefore(in message);
        _attendPs = isInWindow ? long.MinValue : _intervalEndPs;
    }

    private void AddToDigest(ref readonly Message message, int receiver)
    {
        message.AddTo(ref _digests[receiver]);
        if (_isChanged[receiver]) return;
        _isChanged[receiver] = true;
        _changed[_changes++] = receiver;
    }

    /// <summary>Nothing before <paramref name="nowPs"/> will come any more.</summary>
    public void CloseInterval(long nowPs)
    {
        if (nowPs < _intervalEndPs) return;
        for (var i = 0; i < _changes; i++)
        {
            var actor = _changed[i];
            _isChanged[actor] = false;
            Closed.Add((_intervalEndPs, new ActorDigest(actor, _digests[actor].Value)));
        }
        _changes = 0;
        var startPs = nowPs / _times.IntervalPs * _times.IntervalPs;
        _intervalEndPs = After(_times.IntervalPs);
        _windowEndPs = After(_times.WindowPs);

        long After(long lengthPs) => startPs > long.MaxValue - lengthPs ? long.MaxValue : startPs + lengthPs;
    }
}
