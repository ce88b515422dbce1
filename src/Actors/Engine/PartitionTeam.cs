#pragma warning disable RS0030 // The engine's partitions are the one place that owns threads.

namespace PcieFabric.Engine;

/// <summary>
/// The threads that run partitions side by side, one turn at a time: the caller's own and as many more as it is given. Within a turn each partition
/// goes as far as the clocks of those that send to it allow (conservative synchronisation: Chandy and Misra 1979), and none waits for all of them. Where
/// nothing is to be delivered but clocks, all stand still for a moment and their clocks are set to where something is: so a turn has one stage or several.
/// While there is little to do, the caller does it alone and the others sleep.
/// </summary>
internal sealed class PartitionTeam : IDisposable
{
    private readonly Partition[] _partitions;
    private readonly Member[] _members;
    private readonly Thread[] _helpers;
    private readonly Exception?[] _failures;
    private readonly Lock _failing = new();
    private readonly StageGate _gate = new();
    private readonly Member _alone;

    private readonly long _lookAheadPs;
    private long _endPs;
    private bool _isShared;
    private volatile bool _pause;
    private volatile bool _isClosed;

    private long EndPs => Volatile.Read(ref _endPs);

    /// <summary>A thread's share. Partitions next to each other have most to tell each other, so that a thread has those.</summary>
    private sealed class Member(int first, int end)
    {
        public readonly int First = first;
        public readonly int End = end;

        /// <summary>One while it delivers messages.</summary>
        public OwnCacheLine Working;
    }

    public PartitionTeam(Partition[] partitions, int threads)
    {
        _partitions = partitions;
        _failures = new Exception?[partitions.Length];
        Threads = threads;
        _alone = new Member(0, partitions.Length);
        _members = [.. Enumerable.Range(0, threads).Select(i => new Member(i * partitions.Length / threads, (i + 1) * partitions.Length / threads))];
        _lookAheadPs = partitions.Min(p => p.LookAheadPs);
        _helpers = [.. _members.Skip(1).Select(member => new Thread(() => Help(member)) { IsBackground = true, Name = $"partitions from {member.First}" })];
        foreach (var helper in _helpers) helper.Start();
    }

    public int Threads { get; }

    /// <summary>All partitions, which are settled, up to a time. On return none runs, and they are settled again.</summary>
    public void Run(long endPs)
    {
        Volatile.Write(ref _endPs, endPs);
        Array.Clear(_failures);
        do
        {
            _pause = false;
            if (_isShared) RunStageTogether();
            else RunStage(_alone, idleRounds: 1);
            Partition.Settle(_partitions);
        }
        while (!IsOver());
        if (Array.Exists(_failures, f => f is not null)) ThrowFirst();
    }

    private void RunStageTogether()
    {
        foreach (var member in _members) member.Working.Value = 1;
        _gate.Open(_helpers.Length);
        RunStage(_members[0], EngineLimits.IdleRounds);
        _gate.WaitForAll();
    }

    /// <summary>Whether all threads or only one run what comes next: as much is to be expected as there was.</summary>
    /// <param name="delivered">By all partitions in the last turn.</param>
    /// <param name="turnPs">Its length.</param>
    public void Foresee(long delivered, long turnPs, int leastToShare) =>
        _isShared = Threads > 1 && delivered >= leastToShare * Math.Max(1, (double)turnPs / _lookAheadPs);

    private bool IsOver()
    {
        for (var i = 0; i < _partitions.Length; i++)
            if (_failures[i] is null && _partitions[i].ClockPs < EndPs) return false;
        return true;
    }

    /// <summary>The failure that a single partition would have met first.</summary>
    private void ThrowFirst()
    {
        var failed = Enumerable.Range(0, _partitions.Length).Where(i => _failures[i] is not null);
        var first = failed.OrderBy(i => _partitions[i].NowPs).ThenBy(i => _partitions[i].ChannelInHand).First();
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failures[first]!);
    }

    private void Help(Member member)
    {
        for (var stage = 1; ; stage++)
        {
            _gate.WaitFor(stage);
            if (_isClosed) return;
            RunStage(member, EngineLimits.IdleRounds);
            _gate.Arrive();
        }
    }

    /// <summary>Until all of the member's partitions are at the end of the turn, or nobody has anything to deliver.</summary>
    /// <param name="idleRounds">After so many in vain the member says that nobody has. One who is alone knows at once.</param>
    private void RunStage(Member member, int idleRounds)
    {
        var (patience, idle) = (new Patience(), 0);
        while (!_pause && RunRound(member) is var round && round != Round.AtEnd)
        {
            if (round == Round.Worked) (patience, idle) = (default, 0);
            else if (!IsAnyWorking() && ++idle >= idleRounds) _pause = true;
            else patience.Wait();
        }
        member.Working.Value = 0;
    }

    private enum Round
    {
        Idle,
        Worked,
        AtEnd,
    }

    private Round RunRound(Member member)
    {
        var endPs = EndPs;
        var round = Round.AtEnd;
        for (var i = member.First; i < member.End; i++)
        {
            if (_failures[i] is not null) continue;
            var partition = _partitions[i];
            if (partition.Prepare(endPs))
            {
                if (member.Working.Value == 0) member.Working.Value = 1;
                Step(i);
                round = Round.Worked;
            }
            else if (partition.ClockPs < endPs && round == Round.AtEnd)
            {
                round = Round.Idle;
            }
        }
        if (round == Round.Idle && member.Working.Value == 1) member.Working.Value = 0;
        return round;
    }

    private void Step(int partition)
    {
        try
        {
            _partitions[partition].Step();
        }
        catch (Exception e)
        {
            Fail(partition, e);
        }
    }

    /// <summary>The others go on to the time of the failure, as theirs may come before it.</summary>
    private void Fail(int partition, Exception failure)
    {
        lock (_failing)
        {
            _failures[partition] = failure;
            Volatile.Write(ref _endPs, Math.Min(_endPs, _partitions[partition].NowPs + 1));
        }
    }

    private bool IsAnyWorking()
    {
        foreach (var member in _members)
            if (member.Working.Value == 1) return true;
        return false;
    }

    public void Dispose()
    {
        _isClosed = true;
        _gate.Open(_helpers.Length);
        foreach (var helper in _helpers) helper.Join();
    }
}
