using System.Diagnostics;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.House;

namespace PcieFabric.Cli.Tests.CommandLine;

/// <summary>What only a process of its own can show: exit codes, pipes and signals.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pciefabric-test");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("--version", 0)]
    [InlineData("dcotor", 2)]
    [InlineData("--version >/dev/full", 3)]
    public async Task TheShellSeesTheExitCode(string arguments, int expected)
    {
        using var process = Start("bash", ["-c", $"dotnet exec '{Program}' {arguments}"]);
        var error = await process.StandardError.ReadToEndAsync();
        await EndOf(process);

        Assert.Equal(expected, process.ExitCode);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task AReaderThatLeavesEndsTheCommandWithoutAWord()
    {
        using var process = Start("bash", ["-c", $"{{ while [[ ! -e left ]]; do sleep 0.01; done; dotnet exec '{Program}' --help; echo $? >&2; }} | {{ exec <&-; touch left; }}"]);
        var error = await process.StandardError.ReadToEndAsync();
        await EndOf(process);

        Assert.Equal("141\n", error);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task ASignalEndsACommandThatIsBusy(string signal, int expected)
    {
        var started = Path.Combine(_folder.FullName, "started");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "lspci"), "#!/bin/sh\ntouch started\nexec sleep 60\n");
        var clock = Stopwatch.StartNew();

        // Whoever runs the tests in the background may have had the signal ignored, and that is inherited.
        using var process = Start("bash", ["-c", $"chmod +x lspci; exec env --default-signal={signal} dotnet exec '{Program}' doctor"]);
        while (!File.Exists(started))
        {
            Assert.False(process.HasExited);
            Assert.True(clock.Elapsed < Limit);
            await Task.Delay(10);
        }

        using var kill = Start("kill", ["-" + signal, $"{process.Id}"]);
        await EndOf(process);

        Assert.Equal(expected, process.ExitCode);
        Assert.Empty(await process.StandardError.ReadToEndAsync());
    }

    [Theory]
    [InlineData("pciefabric do", "doctor")]
    [InlineData("./pciefabric do", "doctor")]
    [InlineData("pciefabric doctor --req", "--require")]
    [InlineData("pciefabric doctor --require ls", "lspci")]
    public async Task BashCompletesWhatIsTyped(string typed, string completed)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "pciefabric"), $"#!/bin/sh\nexec dotnet exec '{Program}' \"$@\"\n");
        var script = Path.Combine(Repository.Root, "completion", "pciefabric.bash");

        using var process = Start("bash", ["-c", $$"""
            chmod +x pciefabric; source '{{script}}'
            COMP_LINE='{{typed}}' COMP_POINT={{typed.Length}} COMP_WORDS=({{typed}}) COMP_CWORD={{typed.Count(character => character == ' ')}}
            _pciefabric; echo "${COMPREPLY[*]}"
            """]);
        var output = await process.StandardOutput.ReadToEndAsync();
        await EndOf(process);

        Assert.Equal(completed + "\n", output);
    }

    private static string Program => typeof(PcieFabricCommand).Assembly.Location;

    private Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        start.Environment["PATH"] = $"{_folder.FullName}:{start.Environment["PATH"]}";
        return Process.Start(start)!;
    }

    private static async Task EndOf(Process process)
    {
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
    }
}
