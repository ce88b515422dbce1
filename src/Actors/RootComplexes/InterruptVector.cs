using System.Threading.Tasks.Sources;
using PcieFabric.Engine;
using PcieFabric.InterruptControllers;

namespace PcieFabric.RootComplexes;

/// <summary>One interrupt of a host: counts, and lets one piece of software wait for the next.</summary>
public sealed class InterruptVector : IValueTaskSource, ActorSynchronizationContext.IAwaited
{
    private readonly HostInterrupts _host;
    private readonly ActorSynchronizationContext _software;
    private ManualResetValueTaskSourceCore<bool> _next;
    private long _taken;
    private bool _awaited;
    private bool _isStopped;
    private HandlerCall? _call;

    internal InterruptVector(HostInterrupts host, ActorSynchronizationContext software, int number) => (_host, _software, Number) = (host, software, number);

    public int Number { get; }

    /// <summary>What a device writes, and where.</summary>
    public ulong MessageAddress => HostInterruptController.AddressOf(Number);

    /// <inheritdoc cref="MessageAddress"/>
    public uint MessageData => HostInterruptController.DataOf(Number);

    /// <summary>How often it was signalled; of a line, how often it was asserted.</summary>
    public long Count { get; private set; }

    /// <summary>A signal came that nobody has waited for yet.</summary>
    public bool IsPending => _taken < Count;

    /// <summary>The level of a line.</summary>
    public bool IsAsserted { get; private set; }

    /// <summary>Called at each signal, before what awaits it goes on. It may start operations of its own.</summary>
    public Action? Handler
    {
        get;
        set
        {
            _host.Handlers += (value is null ? 0 : 1) - (field is null ? 0 : 1);
            field = value;
        }
    }

    /// <summary>The next signal that was not waited for yet; complete at once if it has come already.</summary>
    /// <exception cref="InvalidOperationException">Somebody waits already.</exception>
    public ValueTask WaitAsync()
    {
        if (_awaited) throw new InvalidOperationException($"interrupt {Number} is awaited twice at a time");
        if (_taken < Count)
        {
            _taken++;
            return ValueTask.CompletedTask;
        }
        _software.Begin();
        _next.Reset();
        _awaited = true;
        return new ValueTask(this, _next.Version);
    }

    /// <summary>Whoever waits goes on without a signal: nobody is to wait any more. To be called by software of the same host.</summary>
    public void StopWaiting()
    {
        if (!_awaited) return;
        _isStopped = true;
        _software.Happened(this);
    }

    internal void Signal(bool asserted)
    {
        IsAsserted = asserted;
        if (!asserted) return;
        Count++;
        if (Handler is not null) _software.Run(_call ??= new HandlerCall(this));
        if (_awaited) _software.Happened(this);
    }

    void ActorSynchronizationContext.IAwaited.Resume()
    {
        if (!_isStopped) _taken++;
        _awaited = _isStopped = false;
        _next.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _next.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _next.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _next.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private sealed class HandlerCall(InterruptVector owner) : ActorSynchronizationContext.IAwaited
    {
        public void Resume() => owner.Handler?.Invoke();
    }
}
