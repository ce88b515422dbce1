#pragma warning disable RS0030 // The engine's partitions are the one place that owns threads.

namespace PcieFabric.Engine;

/// <summary>
/// The threads that run partitions side by side, one window at a time: the caller's own and as many more as it is given. The windows are
/// short, so waiting starts by spinning.
/// </summary>
internal sealed class PartitionTeam : IDisposable
{
    private readonly Partition[] _partitions;
    private readonly int _threads;
    private readonly Thread[] _helpers;
    private readonly Exception?[] _failures;
    private long _horizonPs;
    private volatile int _window;
    private volatile bool _over;
    private int _working;

    public PartitionTeam(Partition[] partitions, int threads)
    {
        _partitions = partitions;
        _threads = Math.Max(1, threads);
        _failures = new Exception?[partitions.Length];
        _helpers = new Thread[_threads - 1];
        for (var i = 0; i < _helpers.Length; i++)
        {
            var member = i + 1;
            _helpers[i] = new Thread(() => Work(member)) { IsBackground = true, Name = $"partitions {member}" };
            _helpers[i].Start();
        }
    }

    /// <summary>All partitions up to the horizon. On return none runs.</summary>
    public void Run(long horizonPs)
    {
        _horizonPs = horizonPs;
        Volatile.Write(ref _working, _helpers.Length);
        _window++;
        RunShare(0);
        var wait = new SpinWait();
        while (Volatile.Read(ref _working) > 0) wait.SpinOnce(sleep1Threshold: -1);
        foreach (var failure in _failures)
            if (failure is not null)
                ThrowFirst();
    }

    /// <summary>The failure that a single partition would have met first.</summary>
    private void ThrowFirst()
    {
        var failed = Enumerable.Range(0, _partitions.Length).Where(i => _failures[i] is not null);
        var first = failed.OrderBy(i => _partitions[i].NowPs).ThenBy(i => _partitions[i].Queue.IsEmpty ? 0 : _partitions[i].Queue.Top.ChannelId).First();
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failures[first]!);
    }

    private void Work(int member)
    {
        var seen = 0;
        while (true)
        {
            var wait = new SpinWait();
            while (_window == seen && !_over) wait.SpinOnce(sleep1Threshold: -1);
            if (_over) return;
            seen = _window;
            RunShare(member);
            Interlocked.Decrement(ref _working);
        }
    }

    private void RunShare(int member)
    {
        for (var i = member; i < _partitions.Length; i += _threads)
        {
            try
            {
                _partitions[i].Run(_horizonPs);
            }
            catch (Exception e)
            {
                _failures[i] = e;
            }
        }
    }

    public void Dispose()
    {
        _over = true;
        foreach (var helper in _helpers) helper.Join();
    }
}
