using PcieFabric.Engine;

namespace PcieFabric.Requests;

/// <summary>The pieces of software that an actor runs: those that have not come to their end, and what went wrong.</summary>
public sealed class SoftwareTasks(ActorSynchronizationContext context)
{
    private Task[] _running = [];
    private int _count;

    public bool AllFinished => _count == 0;

    public void Watch(Task task)
    {
        if (task.IsCompletedSuccessfully) return;
        if (_count == _running.Length) Array.Resize(ref _running, Math.Max(1, 2 * _count));
        _running[_count++] = task;
    }

    /// <summary>Starts a piece of software, in a turn of its own.</summary>
    /// <exception cref="Exception">What it threw.</exception>
    public void Start(Func<Task> software)
    {
        context.RunTurn(() => Watch(software()));
        ThrowIfFailed();
    }

    /// <summary>Lets the software go on, if it has cause to. To be called at the end of each message.</summary>
    /// <exception cref="Exception">What a piece of software threw.</exception>
    public void RunTurn()
    {
        if (!context.HasWork) return;
        context.RunTurn();
        ThrowIfFailed();
    }

    private void ThrowIfFailed()
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            var task = _running[i];
            if (!task.IsCompleted) continue;
            _running.AsSpan(i + 1, --_count - i).CopyTo(_running.AsSpan(i));
            _running[_count] = null!;
            task.GetAwaiter().GetResult();
        }
    }

    /// <summary>To be called after a turn where nothing but its own operations can move the software.</summary>
    /// <exception cref="InvalidOperationException">It waits, and for none of those: for a thread, a socket or wall time.</exception>
    public void ThrowIfItWaitsOutside()
    {
        if (!AllFinished && context.Begun == 0) throw ActorSynchronizationContext.Intrusion();
    }
}
