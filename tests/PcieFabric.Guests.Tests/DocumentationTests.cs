using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace PcieFabric.Guests.Tests;

public partial class DocumentationTests(ITestOutputHelper output)
{
    private const string Page = "docs/linux.md";

    /// <summary>KSFT_SKIP: what a kselftest ends with that ran nothing, for example because it only listed its cases.</summary>
    private const int NothingRun = 4;

    [GuestFact]
    public async Task EveryCommandOfThePageThatNeedsNoDeviceWorks()
    {
        await GuestKit.ProvideAsync();
        var commands = RunCommand().Matches(Repository.Read(Page)).Select(match => match.Value).Where(command => !command.Contains("--socket", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true })!;
            var printed = await shell.StandardOutput.ReadToEndAsync();
            await shell.WaitForExitAsync();
            output.WriteLine($"$ {command}\n{printed}");
            Assert.True(shell.ExitCode is 0 or NothingRun, $"{command}: exit code {shell.ExitCode}\n{printed}");
            Assert.NotEmpty(printed);
        }
    }

    [GeneratedRegex(@"^\./tests/Guests/boot .*--run .*$", RegexOptions.Multiline)]
    private static partial Regex RunCommand();
}
