using System.Diagnostics;
using System.Net.Sockets;

namespace PcieFabric.Guests.Tests;

/// <summary>A Linux guest in QEMU, from its boot until it is disposed of. Its memory is shared (a memfd), so that a vfio-user server can map it.</summary>
internal sealed class Guest : IAsyncDisposable
{
    /// <summary>For a command that should take no time; a kselftest run wants more.</summary>
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly GuestOptions _options;
    private GuestAgent? _agent;
    private int _openOutputs = 2;

    private Guest(GuestOptions options, DirectoryInfo folder, Process process) => (_options, _folder, _process) = (options, folder, process);

    public GuestConsole Console { get; } = new();

    /// <summary>From the start of QEMU until the guest took its first command.</summary>
    public TimeSpan BootTime { get; private set; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Boots a guest, and returns when it takes commands.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="GuestOptions.BootLimit"/>; the message tells what its console said.</exception>
    public static async Task<Guest> StartAsync(GuestOptions? options = null)
    {
        options ??= new GuestOptions();
        await GuestKit.ProvideAsync();
        var folder = Directory.CreateTempSubdirectory("pciefabric-guest");
        var path = Path.Combine(folder.FullName, "agent");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var clock = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo(GuestKit.Boot, options.Arguments(path))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var guest = new Guest(options, folder, process);
        try
        {
            await guest.BootAsync(listener);
            guest.BootTime = clock.Elapsed;
            return guest;
        }
        catch
        {
            await guest.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command in a shell of the guest.</summary>
    /// <param name="limit">30 s if not given.</param>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    /// <exception cref="IOException">The guest has ended.</exception>
    public Task<CommandResult> RunAsync(string command, TimeSpan? limit = null) => _agent!.RunAsync(command, limit ?? CommandLimit);

    /// <summary>What a command that succeeds prints.</summary>
    public async Task<string> OutputOfAsync(string command, TimeSpan? limit = null)
    {
        var (output, status) = await RunAsync(command, limit);
        Assert.True(status == 0, $"'{command}' ended with exit status {status}:\n{output}\n{Console.Tail}");
        return output;
    }

    public Task<string> WaitForLineAsync(string text, TimeSpan? limit = null, int from = 0) => Console.WaitForLineAsync(text, limit ?? CommandLimit, from);

    /// <summary>Restarts a guest that was started with <see cref="GuestOptions.Restarts"/>, and returns when it takes commands again.</summary>
    public async Task RestartAsync()
    {
        using var late = new CancellationTokenSource(_options.BootLimit);
        await _agent!.SendAsync("reboot -f", late.Token);
        await ReadyAsync(late.Token);
    }

    /// <summary>Ends QEMU at once, as a crash of it would.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasEnded)
            await KillAsync();
        _agent?.Dispose();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task BootAsync(Socket listener)
    {
        using var late = new CancellationTokenSource(_options.BootLimit);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(late.Token);
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ended = _process.WaitForExitAsync(over.Token);
        var connected = listener.AcceptAsync(over.Token).AsTask();
        if (await Task.WhenAny(connected, ended) == ended)
            throw new TimeoutException($"no agent connected within {_options.BootLimit.TotalSeconds:0.#} s; {Console.Tail}");
        _agent = new GuestAgent(await connected);
        await ReadyAsync(late.Token);
        await over.CancelAsync();
    }

    private async Task ReadyAsync(CancellationToken cancellation)
    {
        try
        {
            await _agent!.WaitUntilReadyAsync(cancellation);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            throw new TimeoutException($"the guest takes no commands after {_options.BootLimit.TotalSeconds:0.#} s, or has ended; {Console.Tail}");
        }
    }

    /// <summary>A line of either output of QEMU; null when that output has ended.</summary>
    private void Hear(string? line)
    {
        if (line is not null)
            Console.Add(line);
        else if (Interlocked.Decrement(ref _openOutputs) == 0)
            Console.End();
    }
}
