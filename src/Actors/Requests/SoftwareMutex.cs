namespace PcieFabric.Requests;

/// <summary>Lets the pieces of an actor's software have something one at a time, in the order in which they asked (Linux: <c>struct mutex</c>). Those that wait are as many as the software has pieces.</summary>
public sealed class SoftwareMutex
{
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _isTaken;

    /// <summary>To be disposed of when done.</summary>
    public async ValueTask<Turn> EnterAsync()
    {
        if (_isTaken)
        {
            var turn = new TaskCompletionSource();
            _waiting.Enqueue(turn);
            await turn.Task;
        }
        _isTaken = true;
        return new Turn(this);
    }

    private void Leave()
    {
        // Whoever waits longest has it at once, so that nobody slips in between.
        if (_waiting.TryDequeue(out var next)) next.SetResult();
        else _isTaken = false;
    }

    /// <summary>The mutex is held until this is disposed of.</summary>
    public readonly struct Turn(SoftwareMutex owner) : IDisposable
    {
        public void Dispose() => owner.Leave();
    }
}
