namespace PcieFabric.Engine;

/// <summary>
/// Lets the helpers of a team go, one stage at a time, and waits for all of them to be back. Stages follow each other within a microsecond as a rule, so
/// waiting starts by spinning; who has spun for long sleeps, as others want the processor too.
/// </summary>
internal sealed class StageGate
{
    /// <summary>Most of them give way to other threads, so that these take some hundred microseconds on an idle machine.</summary>
    private const int SpinsBeforeSleep = 500;

    private readonly object _sleep = new();
    private OwnCacheLine _stage;
    private int _out;
    private int _asleep;

    /// <summary>Begins a stage: the first is number one.</summary>
    public void Open(int helpers)
    {
        Volatile.Write(ref _out, helpers);
        _stage.Value++;
        // Who goes to sleep says so before a last look at the stage, and here the order is the reverse.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _asleep) == 0) return;
        lock (_sleep) Monitor.PulseAll(_sleep);
    }

    /// <summary>On a helper's thread.</summary>
    public void WaitFor(long stage)
    {
        var wait = new SpinWait();
        while (_stage.Value < stage)
        {
            if (wait.Count < SpinsBeforeSleep) wait.SpinOnce(sleep1Threshold: -1);
            else SleepUntil(stage);
        }
    }

    /// <summary>A helper is back.</summary>
    public void Arrive() => Interlocked.Decrement(ref _out);

    public void WaitForAll()
    {
        var wait = new SpinWait();
        while (Volatile.Read(ref _out) > 0) wait.SpinOnce(sleep1Threshold: -1);
    }

    private void SleepUntil(long stage)
    {
        lock (_sleep)
        {
            Interlocked.Increment(ref _asleep);
            while (_stage.Value < stage) Monitor.Wait(_sleep);
            Interlocked.Decrement(ref _asleep);
        }
    }
}
