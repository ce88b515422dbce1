namespace PcieFabric.Requests;

/// <summary>The pieces of software that an actor runs: those that have not come to their end, and what went wrong.</summary>
public sealed class SoftwareTasks
{
    private readonly List<Task> _running = [];

    public bool AllFinished => _running.Count == 0;

    public void Watch(Task task) => _running.Add(task);

    /// <summary>To be called after each turn.</summary>
    /// <exception cref="Exception">What a piece of software threw.</exception>
    public void ThrowIfFailed()
    {
        for (var i = _running.Count - 1; i >= 0; i--)
        {
            var task = _running[i];
            if (!task.IsCompleted) continue;
            _running.RemoveAt(i);
            task.GetAwaiter().GetResult();
        }
    }
}
