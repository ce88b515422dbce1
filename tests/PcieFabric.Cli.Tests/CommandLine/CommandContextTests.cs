using PcieFabric.Cli.CommandLine;
using Spectre.Console;

namespace PcieFabric.Cli.Tests.CommandLine;

public class CommandContextTests
{
    [Theory]
    [InlineData("--quiet", "ERR")]
    [InlineData("", "WRN ERR")]
    [InlineData("-v", "INF WRN ERR")]
    [InlineData("-vv", "DBG INF WRN ERR")]
    [InlineData("-v -v", "DBG INF WRN ERR")]
    [InlineData("-v --verbose -v", "VRB DBG INF WRN ERR")]
    public async Task EachVShowsMoreOfTheLogAndAllOfItOnTheErrorStream(string options, string levels)
    {
        var run = await Run(context =>
        {
            context.Log.Verbose("a line");
            context.Log.Debug("a line");
            context.Log.Information("a line");
            context.Log.Warning("a line");
            context.Log.Error("a line");
        }, options);

        Assert.Empty(run.Output);
        Assert.Equal(levels, string.Join(' ', run.Error.TrimEnd().Split('\n').Select(line => line.Split(' ')[1])));
    }

    [Fact]
    public async Task GlobalOptionsMayStandBeforeTheCommand()
    {
        var command = Command(context => Assert.True(context.Quiet));

        var run = await CommandRun.Of(new PcieFabricCommand(command), ["--quiet", "act"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("--json", true)]
    public async Task JsonIsOnWhereItWasAskedFor(string options, bool expected)
    {
        bool? json = null;
        await Run(context => json = context.Json, options);

        Assert.Equal(expected, json);
    }

    [Fact]
    public async Task ACommandReadsTheInputThatItWasGiven()
    {
        var command = Command(context => context.Output.Write(context.Input.ReadToEnd()));

        var run = await CommandRun.Of(new PcieFabricCommand(command), ["act"], input: "00000001");

        Assert.Equal("00000001", run.Output);
    }

    [Fact]
    public async Task OutputThatIsNoTerminalHasNoColours()
    {
        var run = await Run(context => context.Console.MarkupLine("[red]credits[/]"), "");

        Assert.Equal("credits\n", run.Output);
    }

    private static Task<CommandRun> Run(Action<CommandContext> act, string options) =>
        CommandRun.Of(new PcieFabricCommand(Command(act)), ["act", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    private static FabricCommand Command(Action<CommandContext> act)
    {
        var command = new FabricCommand("act", "Does what a test wants", "pciefabric act") { new JsonOption() };
        command.SetAction(context =>
        {
            act(context);
            return ExitCode.Done;
        });
        return command;
    }
}
