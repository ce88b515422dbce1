using System.Threading.Tasks.Sources;
using PcieFabric.Engine;
using PcieFabric.Iommus;

namespace PcieFabric.RootComplexes;

/// <summary>A command to the IOMMU that software awaits. Used again once it has been.</summary>
internal sealed class IommuRequest(int slot, Stack<IommuRequest> idle) : IValueTaskSource<IommuReport>, ActorSynchronizationContext.IAwaited
{
    private ManualResetValueTaskSourceCore<IommuReport> _done;

    public int Slot => slot;

    public IommuReport Report { get; set; }

    public bool IsAwaited { get; set; }

    public ValueTask<IommuReport> Task => new(this, _done.Version);

    public void Begin()
    {
        _done.Reset();
        IsAwaited = true;
    }

    public void Resume()
    {
        if (IsAwaited) _done.SetResult(Report);
        else idle.Push(this);
    }

    public IommuReport GetResult(short token)
    {
        var report = _done.GetResult(token);
        idle.Push(this);
        return report;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _done.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}
