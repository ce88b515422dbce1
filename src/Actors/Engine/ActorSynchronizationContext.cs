namespace PcieFabric.Engine;

/// <summary>
/// Lets ordinary <c>async</c> code run inside an actor: what follows an <c>await</c> runs in a turn of the same actor, in the order in which the
/// awaited things happened. Awaiting anything from outside the fabric (a thread, a socket, wall time) would make runs differ, and is refused.
/// </summary>
public sealed class ActorSynchronizationContext : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private volatile bool _inTurn;
    private volatile Exception? _intrusion;

    /// <summary>Runs code that may complete what others await, then all that became ready by it.</summary>
    public void Turn(Action<object?> code, object? state)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        _inTurn = true;
        try
        {
            code(state);
            while (_ready.TryDequeue(out var next)) next.Callback(next.State);
        }
        finally
        {
            _inTurn = false;
            SetSynchronizationContext(outer);
        }
        if (_intrusion is { } intrusion) throw intrusion;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (_inTurn && Current == this)
        {
            _ready.Enqueue((d, state));
            return;
        }
        _intrusion = new InvalidOperationException(
            "Software inside the fabric awaited something outside it, so its runs could not be repeated; await the host's or the function's own operations");
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Actors do not wait for each other");

    public override SynchronizationContext CreateCopy() => this;
}
