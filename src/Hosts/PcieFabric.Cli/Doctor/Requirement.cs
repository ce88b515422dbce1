namespace PcieFabric.Cli.Doctor;

/// <summary>One thing that some part of our work needs of a machine.</summary>
/// <param name="Name">The name that <c>--require</c> takes.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Remedy">How to get it: a command to type, where there is one.</param>
/// <param name="Probe">Looks for it. It may take its time; whoever calls sets a limit.</param>
internal sealed record Requirement(string Name, string Purpose, string Remedy, Func<IMachine, CancellationToken, Task<Finding>> Probe)
{
    /// <summary>Whether nothing at all works without it.</summary>
    public bool Always { get; init; }

    /// <summary>Looks for it, and answers within the limit whatever the machine does.</summary>
    public async Task<Finding> ExamineAsync(IMachine machine, TimeSpan limit, CancellationToken cancellation)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(limit);
        try
        {
            return await Probe(machine, limited.Token).WaitAsync(limited.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Finding.Lacks($"no answer within {limit.TotalSeconds:0.#} s");
        }
    }
}
