using System.Diagnostics;
using System.Text.Json;

namespace PcieFabric.Guests.Tests.Attached;

/// <summary>A topology that <c>pciefabric attach</c> serves, until it is told to stop or is disposed of.</summary>
internal sealed class AttachedFabric : IAsyncDisposable
{
    /// <summary>A fabric starts in a second; its machine may be busy.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly Task<string> _error;

    private AttachedFabric(DirectoryInfo folder, Process process)
    {
        (_folder, _process) = (folder, process);
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Of the functions, or of the root complexes.</summary>
    public IReadOnlyList<string> Sockets { get; private set; } = [];

    /// <summary>Serves one of <c>config/topologies</c>.</summary>
    public static async Task<AttachedFabric> StartAsync(string topology, params IEnumerable<string> options)
    {
        var folder = Directory.CreateTempSubdirectory("pciefabric-attached");
        var sockets = Path.Combine(folder.FullName, "sockets");
        var fabric = new AttachedFabric(folder, PcieFabricCommand.Start(["attach", $"config/topologies/{topology}.yaml", "--socket-dir", sockets, "--json", .. options]));
        try
        {
            using var late = new CancellationTokenSource(Limit);
            var report = await fabric._process.StandardOutput.ReadLineAsync(late.Token) ?? throw new InvalidOperationException(await fabric._error);
            using var json = JsonDocument.Parse(report);
            fabric.Sockets = [.. json.RootElement.GetProperty("sockets").EnumerateArray().Select(socket => socket.GetProperty("path").GetString()!)];
            return fabric;
        }
        catch
        {
            await fabric.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells it to stop, as a service manager does, and sees that it ends in good order.</summary>
    /// <returns>What it said of who came and went.</returns>
    public async Task<string> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
        using var late = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(late.Token);
        var said = await _error;
        Assert.True(_process.ExitCode == 0, $"attach ended with exit code {_process.ExitCode}:\n{said}");
        return said;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
