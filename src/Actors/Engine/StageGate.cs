namespace PcieFabric.Engine;

/// <summary>Lets the helpers of a team go, one stage at a time, and waits for all of them to be back.</summary>
internal sealed class StageGate
{
    private readonly Bell _opened = new();
    private readonly Bell _arrived = new();
    private OwnCacheLine _stage;
    private int _out;

    /// <summary>Begins a stage: the first is number one.</summary>
    public void Open(int helpers)
    {
        Volatile.Write(ref _out, helpers);
        _stage.Value++;
        _opened.Ring();
    }

    /// <summary>On a helper's thread.</summary>
    public void WaitFor(long stage)
    {
        var wait = new Bell.Wait(_opened);
        while (_stage.Value < stage) wait.Once();
        wait.End();
    }

    /// <summary>A helper is back.</summary>
    public void Arrive()
    {
        if (Interlocked.Decrement(ref _out) == 0) _arrived.Ring();
    }

    public void WaitForAll()
    {
        var wait = new Bell.Wait(_arrived);
        while (Volatile.Read(ref _out) > 0) wait.Once();
        wait.End();
    }
}
