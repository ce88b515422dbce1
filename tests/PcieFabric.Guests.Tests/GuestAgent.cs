using System.Net.Sockets;
using System.Text;

namespace PcieFabric.Guests.Tests;

/// <summary>Speaks with the agent of <c>tests/Guests/kit/init</c>: one command at a time, each in a shell of its own.</summary>
internal sealed class GuestAgent(Socket socket) : IDisposable
{
    private const string Ready = "ready";

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly byte[] _received = new byte[64 * 1024];
    private int _start, _end;
    private int _requests;
    private string? _lost;

    /// <summary>Waits until the guest takes commands: after its start, and after each restart.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        string line;
        do line = await ReadLineAsync(cancellation);
        while (line != Ready);
    }

    /// <summary>Runs a command and waits for its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time. The agent still waits for it, so that no other command can follow.</exception>
    /// <exception cref="IOException">The guest has ended.</exception>
    public async Task<CommandResult> RunAsync(string command, TimeSpan limit)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (_lost is not null)
                throw new IOException($"'{command}' cannot be run: {_lost}");
            return await ExchangeAsync(command, limit);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Sends a command that nothing answers, because it ends or restarts the guest.</summary>
    public async Task SendAsync(string command, CancellationToken cancellation) => await SendRequestAsync($"#{++_requests}", command, cancellation);

    public void Dispose()
    {
        _stream.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task<CommandResult> ExchangeAsync(string command, TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        var id = $"#{++_requests}";
        var output = new StringBuilder();
        try
        {
            await SendRequestAsync(id, command, late.Token);
            var end = id + " exit ";
            while (true)
            {
                var line = await ReadLineAsync(late.Token);
                if (line.StartsWith(end, StringComparison.Ordinal))
                {
                    // The line break before the last line is the agent's.
                    if (output.Length > 0)
                        output.Length--;
                    return new CommandResult(output.ToString(), int.Parse(line.AsSpan(end.Length)));
                }

                output.Append(line).Append('\n');
            }
        }
        catch (OperationCanceledException)
        {
            _lost = $"'{command}' has not ended";
            throw new TimeoutException($"'{command}' did not end within {limit.TotalSeconds:0.#} s; it printed:\n{output}");
        }
        catch (IOException)
        {
            _lost = "the guest has ended";
            throw;
        }
    }

    private async Task SendRequestAsync(string id, string command, CancellationToken cancellation) =>
        await _stream.WriteAsync(Encoding.ASCII.GetBytes($"{id} {Convert.ToBase64String(Encoding.UTF8.GetBytes(command))}\n"), cancellation);

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        using var line = new MemoryStream();
        while (true)
        {
            var at = Array.IndexOf(_received, (byte)'\n', _start, _end - _start);
            line.Write(_received, _start, (at < 0 ? _end : at) - _start);
            if (at >= 0)
            {
                _start = at + 1;
                return Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length);
            }

            (_start, _end) = (0, await _stream.ReadAsync(_received, cancellation));
            if (_end == 0)
                throw new IOException("the guest has ended");
        }
    }
}
