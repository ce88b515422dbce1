namespace PcieFabric.Engine;

/// <summary>
/// Lets ordinary <c>async</c> code run inside an actor: what follows an <c>await</c> runs in a turn of the same actor, in the order in which the
/// awaited things happened. Awaiting anything from outside the fabric (a thread, a socket, wall time) would make runs differ, and is refused.
/// </summary>
public sealed class ActorSynchronizationContext : SynchronizationContext
{
    private ShortQueue<IAwaited> _toResume;
    private ShortQueue<(SendOrPostCallback Callback, object? State)> _continuations;
    private volatile bool _inTurn;
    private volatile Exception? _intrusion;

    /// <summary>Something that code may be awaiting, to be told when it may go on.</summary>
    public interface IAwaited
    {
        void Resume();
    }

    /// <summary>A turn is owed: call <see cref="RunTurn"/> before the actor is done with its message.</summary>
    public bool HasWork => _toResume.Count > 0 || _intrusion is not null;

    /// <summary>Operations that code began and that have not happened yet.</summary>
    public int Begun { get; private set; }

    /// <summary>Code begins an operation that will have <see cref="Happened"/>.</summary>
    /// <exception cref="InvalidOperationException">It is not the actor's turn: the code got here by another thread or another actor.</exception>
    public void Begin()
    {
        if (!_inTurn || Current != this) throw Intrusion();
        Begun++;
    }

    /// <summary>What an operation waited for is there.</summary>
    public void Happened(IAwaited awaited)
    {
        Begun--;
        _toResume.Enqueue(awaited);
    }

    /// <summary>Code that nobody awaits, to be run in the next turn.</summary>
    public void Run(IAwaited code) => _toResume.Enqueue(code);

    /// <summary>Runs what waited for all that has happened, and for what happens meanwhile.</summary>
    /// <param name="first">Code to run before.</param>
    public void RunTurn(Action? first = null)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        _inTurn = true;
        try
        {
            first?.Invoke();
            while (true)
            {
                if (_continuations.TryDequeue(out var next)) next.Callback(next.State);
                else if (_toResume.TryDequeue(out var awaited)) awaited.Resume();
                else break;
            }
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
            _continuations.Enqueue((d, state));
            return;
        }
        _intrusion = Intrusion();
    }

    /// <summary>What code is told that left the fabric: no run of it could be repeated.</summary>
    public static InvalidOperationException Intrusion() => new(
        "Software inside the fabric awaited something outside it, so its runs could not be repeated; await the host's or the function's own operations");

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Actors do not wait for each other");

    public override SynchronizationContext CreateCopy() => this;
}
