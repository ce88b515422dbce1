using System.Threading.Tasks.Sources;
using PcieFabric.Engine;

namespace PcieFabric.Requests;

/// <summary>Something that software awaits: a read or write of any length, or one request of another kind. Used again once awaited.</summary>
internal sealed class Transfer(Requester owner, int slot) : IValueTaskSource<RequestResult>, ActorSynchronizationContext.IAwaited
{
    private ManualResetValueTaskSourceCore<RequestResult> _done;

    public int Slot => slot;
    public TransferKind Kind { get; set; }

    /// <summary>Of a read or write, what is still to be asked for.</summary>
    public RequestSplitter Parts;

    /// <summary>A part that <see cref="Parts"/> yielded and the path did not yet take.</summary>
    public bool HasPart { get; set; }

    public bool IssuedAll { get; set; }
    public int OutstandingRequests { get; set; }
    public Memory<byte> Buffer { get; set; }

    /// <summary>What is sent where there are no parts; for others its attributes are those of every part.</summary>
    public Tlp Request;

    public ulong Value { get; set; }
    public CompletionStatus Status { get; set; }
    public bool TimedOut { get; set; }
    public bool Poisoned { get; set; }

    /// <summary>No more of it is to be asked for.</summary>
    public bool IsCutShort { get; set; }

    public ValueTask<RequestResult> Task => new(this, _done.Version);

    /// <summary>Of those that nobody awaits.</summary>
    public Transfer? NextIdle { get; set; }

    public void Begin(TransferKind kind)
    {
        _done.Reset();
        (Kind, IssuedAll, HasPart, OutstandingRequests, Value) = (kind, false, false, 0, 0);
        (Status, TimedOut, Poisoned, IsCutShort) = (CompletionStatus.SuccessfulCompletion, false, false, false);
    }

    public void Resume() => _done.SetResult(new RequestResult(Status, TimedOut, Poisoned, Value, IsCutShort));

    public RequestResult GetResult(short token)
    {
        var result = _done.GetResult(token);
        Buffer = default;
        owner.TakeBack(this);
        return result;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _done.GetStatus(token);

    /// <remarks>What awaits is resumed in a turn of its own context already, so nothing is posted there, and nothing allocated.</remarks>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}

internal enum TransferKind
{
    Read,
    Write,
    Single,
}
