using PcieFabric.RootComplexes;

namespace PcieFabric.HostDrivers;

/// <summary>Something that a driver waits for and its interrupt handler tells of, each as often as it likes (Linux: <c>struct completion</c>).</summary>
internal sealed class DriverCompletion(Host host)
{
    private TaskCompletionSource<bool>? _waiting;
    private int _done;

    public void Reset() => _done = 0;

    public void Complete()
    {
        _done++;
        if (_waiting is { } waiting) Take(waiting);
    }

    /// <returns>False if it did not come in time.</returns>
    public async ValueTask<bool> WaitAsync(SimTime timeout)
    {
        if (_done == 0)
        {
            var waiting = _waiting = new TaskCompletionSource<bool>();
            _ = ExpireAsync(waiting, timeout);
            return await waiting.Task;
        }
        _done--;
        return true;
    }

    private void Take(TaskCompletionSource<bool> waiting)
    {
        _waiting = null;
        _done--;
        waiting.SetResult(true);
    }

    private async Task ExpireAsync(TaskCompletionSource<bool> waiting, SimTime timeout)
    {
        await host.DelayAsync(timeout);
        if (_waiting != waiting) return;
        _waiting = null;
        waiting.SetResult(false);
    }
}
