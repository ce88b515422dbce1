using System.CommandLine;
using PcieFabric.Cli.CommandLine;

namespace PcieFabric.Cli.Tests.CommandLine;

public class HelpTests
{
    public static TheoryData<string> EveryCommand()
    {
        var paths = new TheoryData<string>();
        Collect(PcieFabricCommand.WithEverything(), []);
        return paths;

        void Collect(Command command, string[] path)
        {
            paths.Add(string.Join(' ', path));
            foreach (var sub in command.Subcommands)
                Collect(sub, [.. path, sub.Name]);
        }
    }

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public async Task EveryCommandHasADescriptionAndEndsItsHelpWithExamples(string path)
    {
        var run = await CommandRun.Of([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Empty(run.Error);
        var lines = run.Output.TrimEnd().Split('\n');
        Assert.Equal("Description:", lines[0]);
        Assert.NotEmpty(lines[1].Trim());
        var examples = Array.IndexOf(lines, "Examples:");
        Assert.InRange(examples, 1, lines.Length - 2);
        Assert.All(lines[(examples + 1)..], line => Assert.Contains("pciefabric", line));
    }

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public void EveryOptionAndArgumentSaysWhatItIsFor(string path)
    {
        Command command = PcieFabricCommand.WithEverything();
        foreach (var name in path.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            command = command.Subcommands.Single(sub => sub.Name == name);

        Assert.All(command.Options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name));
        Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrWhiteSpace(argument.Description), argument.Name));
    }

    [Fact]
    public async Task WithoutACommandTheHelpIsShown()
    {
        var run = await CommandRun.Of();

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("Usage:", run.Output);
    }

    [Fact]
    public async Task TheVersionIsOneLine()
    {
        var run = await CommandRun.Of("--version");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Matches(@"^pciefabric \d+\.\d+\.\d+(\+[0-9a-f]+)?\n$", run.Output);
    }

    [Fact]
    public async Task ShellsGetTheNamesOfCommands()
    {
        var run = await CommandRun.Of("[suggest:13]", "pciefabric do");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Equal("doctor\n", run.Output);
    }
}
