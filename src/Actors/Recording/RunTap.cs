using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>
/// Brings what the partitions of an engine deliver into the order (time, channel, place in the channel) and gives it to a sink. A partition delivers in
/// that order, and after a turn none of them goes back behind it, so merging is all there is to do.
/// </summary>
internal sealed class RunTap
{
    private static readonly Comparison<(long IntervalEndPs, ActorDigest Digest)> ByIntervalAndActor =
        static (a, b) => a.IntervalEndPs != b.IntervalEndPs ? a.IntervalEndPs.CompareTo(b.IntervalEndPs) : a.Digest.Actor.CompareTo(b.Digest.Actor);

    private readonly DeterministicEngine _engine;
    private readonly RunSink _sink;
    private readonly long _intervalPs;
    private readonly bool _wantsMessages;
    private readonly Digest[] _digests;
    private readonly PartitionTap[] _partitions;
    private readonly List<(long IntervalEndPs, ActorDigest Digest)> _closed = [];
    private readonly List<ActorDigest> _group = [];
    private readonly long _deliveredBefore;

    /// <param name="digests">When digests are taken.</param>
    /// <param name="wantsMessages">The sink gets messages, not digests alone.</param>
    public RunTap(DeterministicEngine engine, ObservedTimes digests, bool wantsMessages, RunSink sink)
    {
        (_engine, _sink, _intervalPs, _wantsMessages) = (engine, sink, digests.IntervalPs, wantsMessages);
        ArgumentOutOfRangeException.ThrowIfLessThan(digests.IntervalPs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(digests.WindowPs, 1);
        _deliveredBefore = engine.Delivered;
        _digests = new Digest[engine.Actors];
        Array.Fill(_digests, new Digest(0));
        // With one partition there is nothing to merge: messages need not wait for the end of the turn.
        var isAlone = engine.Partitions == 1;
        _partitions = [.. Enumerable.Range(0, engine.Partitions).Select(_ => wantsMessages && isAlone
            ? new PartitionTap(_digests, digests, this, sink, log: null)
            : new PartitionTap(_digests, digests, run: null, sink: null, wantsMessages ? new MessageLog() : null))];
        engine.Observe(index => _partitions[index], TurnEnded, wantsMessages ? null : digests);
    }

    /// <summary>Up to the last turn.</summary>
    public JournalTotals Totals => new(_engine.Delivered - _deliveredBefore, _engine.Now.Picoseconds, FabricDigest.Over(_digests));

    /// <summary>Gives the sink what is left. To be called once, after the last run.</summary>
    public void Finish()
    {
        foreach (var partition in _partitions) partition.CloseInterval(long.MaxValue);
        Drain();
        GiveDigests(long.MaxValue);
    }

    /// <summary>Gives the sink what is due before the next message of a lone partition.</summary>
    public void GiveDigestsBefore(ref readonly Message message)
    {
        CollectDigests();
        GiveDigests(message.DeliveredAtPs);
    }

    /// <summary>Gives the sink what is known to be in order.</summary>
    private void Drain()
    {
        CollectDigests();
        while (FirstLog() is { } log)
        {
            GiveDigests(log.First.DeliveredAtPs);
            log.GiveFirst(_sink);
        }
    }

    private void TurnEnded(SimTime passed)
    {
        foreach (var partition in _partitions)
        {
            partition.CloseInterval(passed.Picoseconds);
            partition.AttendNext();
        }
        Drain();
        // Where messages are kept, digests wait for the message that comes behind them, lest their place depends on the length of turns.
        if (!_wantsMessages) GiveDigests(passed.Picoseconds);
        _sink.TurnEnded();
    }

    private MessageLog? FirstLog()
    {
        MessageLog? first = null;
        foreach (var partition in _partitions)
            if (partition.Log is { IsEmpty: false } log && (first is null || log.First.CompareTo(first.First) < 0))
                first = log;
        return first;
    }

    private void CollectDigests()
    {
        var known = _closed.Count;
        foreach (var partition in _partitions)
        {
            if (partition.Closed.Count == 0) continue;
            _closed.AddRange(partition.Closed);
            partition.Closed.Clear();
        }
        if (_closed.Count > known) _closed.Sort(ByIntervalAndActor);
    }

    /// <summary>Gives the digests of all intervals that ended at or before a time.</summary>
    private void GiveDigests(long untilPs)
    {
        if (_closed.Count == 0 || _closed[0].IntervalEndPs > untilPs) return;
        var given = 0;
        while (given < _closed.Count && _closed[given].IntervalEndPs is var end && end <= untilPs)
        {
            _group.Clear();
            for (; given < _closed.Count && _closed[given].IntervalEndPs == end; given++) _group.Add(_closed[given].Digest);
            _sink.Digests(end - _intervalPs, end, CollectionsMarshal.AsSpan(_group));
        }
        _closed.RemoveRange(0, given);
    }
}
