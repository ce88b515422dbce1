using System.Runtime.InteropServices;

namespace PcieFabric.Cli.CommandLine;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the command to end in good order and gives it a moment; the second ends the process.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>Enough to close files; a command that waits for standard input does not hear the request and is left behind.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource<ExitCode> _signalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, ExitCode.Interrupted)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, ExitCode.Terminated)),
    ];

    /// <summary>Runs a command; a signal decides the exit code, unless the command is done for all that: one that serves until it is told to stop, or that was about to end.</summary>
    public async Task<int> RunAsync(Func<CancellationToken, Task<int>> command)
    {
        // On the pool, since a command may well be synchronous and must not keep us from hearing the signal.
        var running = Task.Run(() => command(_cancellation.Token));
        await Task.WhenAny(running, _signalled.Task);
        if (!_signalled.Task.IsCompleted)
            return await running;
        var ended = await Task.WhenAny(running, Task.Delay(Grace));
        if (ended == running && running.IsCompletedSuccessfully && await running == (int)ExitCode.Done)
            return (int)ExitCode.Done;
        return (int)await _signalled.Task;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _cancellation.Dispose();
    }

    private void End(PosixSignalContext signal, ExitCode exitCode)
    {
        signal.Cancel = _signalled.TrySetResult(exitCode);
        if (signal.Cancel)
            _cancellation.Cancel();
    }
}
