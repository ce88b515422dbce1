using System.Diagnostics;
using System.Text.RegularExpressions;
using PcieFabric.Guests.Tests.Attached;
using Xunit.Abstractions;

namespace PcieFabric.Guests.Tests;

/// <summary>The commands of the page about guests, in its order: those that serve devices live on until the next one of them.</summary>
public sealed partial class DocumentationTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Page = "docs/linux.md";

    /// <summary>KSFT_SKIP: what a kselftest ends with that ran nothing, for example because it only listed its cases.</summary>
    private const int NothingRun = 4;

    /// <summary>The example of a device is compiled first.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>In place of that of the page, which somebody who reads it may be using.</summary>
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pciefabric-page");

    private Process? _server;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await StopServerAsync();
        _folder.Delete(recursive: true);
    }

    [GuestFact]
    public async Task EveryCommandOfThePageWorksInTheOrderOfThePage()
    {
        await GuestKit.ProvideAsync();
        var printed = "";
        foreach (var command in ShellBlock().Matches(Repository.Read(Page)).SelectMany(block => block.Groups[1].Value.Split('\n')).Where(IsOfAGuest))
        {
            var own = command.Replace("/tmp/pciefabric", _folder.FullName, StringComparison.Ordinal).Replace("./pciefabric ", $"dotnet {AppContext.BaseDirectory}pciefabric.dll ", StringComparison.Ordinal);
            if (IsServer(command)) await ServeAsync(own);
            else printed += await RunAsync(command, own);
        }

        Assert.Contains("1..23", printed);
        Assert.Contains("# Totals: pass:22 fail:0 xfail:0 xpass:0 skip:1 error:0", printed);
        Assert.Contains("no divergence", printed);
    }

    private static bool IsServer(string command) => command.Contains(" attach ", StringComparison.Ordinal) || command.StartsWith("dotnet run", StringComparison.Ordinal);

    private static bool IsOfAGuest(string command) => IsServer(command) || command.Contains("boot --", StringComparison.Ordinal) || command.Contains(" replay ", StringComparison.Ordinal);

    private async Task ServeAsync(string command)
    {
        await StopServerAsync();
        _server = Process.Start(new ProcessStartInfo("bash", ["-c", $"exec {command}"]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var late = new CancellationTokenSource(Limit);
        // It says where it is when it is there.
        Assert.False(string.IsNullOrEmpty(await _server.StandardOutput.ReadLineAsync(late.Token)), command);
    }

    private async Task<string> RunAsync(string command, string own)
    {
        // A journal is there when its session has ended.
        if (command.Contains(" replay ", StringComparison.Ordinal)) await StopServerAsync();
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", own]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
        var printed = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        output.WriteLine($"$ {command}\n{printed}");
        Assert.True(shell.ExitCode is 0 or NothingRun, $"{command}: exit code {shell.ExitCode}\n{printed}");
        return printed;
    }

    private async Task StopServerAsync()
    {
        if (_server is null) return;
        using (var kill = Process.Start("kill", ["-TERM", $"{_server.Id}"])) await kill.WaitForExitAsync();
        using var late = new CancellationTokenSource(Limit);
        await _server.WaitForExitAsync(late.Token);
        _server.Dispose();
        _server = null;
    }

    [GeneratedRegex(@"^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShellBlock();
}
