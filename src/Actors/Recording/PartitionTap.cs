using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Watches one partition: keeps the digests of its actors and, if asked to, its messages. On the partition's thread.</summary>
internal sealed class PartitionTap : IMessageObserver
{
    private readonly RunTap _run;
    private readonly Digest[] _digests;
    private readonly long _intervalPs;
    private readonly bool[] _isChanged;
    private readonly int[] _changed;
    private int _changes;
    private long _intervalEndPs;

    /// <param name="digests">Of all actors; this partition touches those of its own.</param>
    /// <param name="log">Null where messages are not wanted.</param>
    public PartitionTap(RunTap run, Digest[] digests, long intervalPs, MessageLog? log)
    {
        (_run, _digests, _intervalPs, _intervalEndPs, Log) = (run, digests, intervalPs, intervalPs, log);
        _isChanged = new bool[digests.Length];
        _changed = new int[digests.Length];
    }

    public MessageLog? Log { get; }

    /// <summary>Time of the last message, in picoseconds.</summary>
    public long LastPs { get; private set; }

    /// <summary>Digests at the ends of intervals that are over, for the run to collect.</summary>
    public List<(long IntervalEndPs, ActorDigest Digest)> Closed { get; } = [];

    public void Delivered(ref readonly Message message, int channelId, int receiver)
    {
        if (message.DeliveredAtPs >= _intervalEndPs) CloseInterval(message.DeliveredAtPs);
        LastPs = message.DeliveredAtPs;
        message.AddTo(ref _digests[receiver]);
        if (!_isChanged[receiver])
        {
            _isChanged[receiver] = true;
            _changed[_changes++] = receiver;
        }
        if (Log is null) return;
        Log.Add(in message, channelId);
        if (_run.IsAlone) _run.Drain();
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
        _intervalEndPs = nowPs > long.MaxValue - _intervalPs ? long.MaxValue : (nowPs / _intervalPs + 1) * _intervalPs;
    }
}
