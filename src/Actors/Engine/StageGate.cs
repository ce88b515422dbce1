namespace PcieFabric.Engine;

/// <summary>
/// Lets the helpers of a team go, one stage at a time, and waits for all of them to be back. Stages follow each other within microseconds as a rule, so
/// waiting starts by looking; who has looked for long sleeps, as the next stage may be one of another run.
/// </summary>
internal sealed class StageGate
{
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
        var patience = new Patience();
        while (_stage.Value < stage)
        {
            if (patience.IsOver) SleepUntil(stage);
            else patience.Wait();
        }
    }

    /// <summary>A helper is back.</summary>
    public void Arrive() => Interlocked.Decrement(ref _out);

    public void WaitForAll()
    {
        var patience = new Patience();
        while (Volatile.Read(ref _out) > 0) patience.Wait();
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
