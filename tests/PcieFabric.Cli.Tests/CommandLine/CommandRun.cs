using PcieFabric.Cli.CommandLine;

namespace PcieFabric.Cli.Tests.CommandLine;

/// <summary>One command line, run in this process: what it answered and what it printed.</summary>
internal sealed record CommandRun(ExitCode ExitCode, string Output, string Error)
{
    public static Task<CommandRun> Of(params string[] args) => Of(PcieFabricCommand.WithEverything(), args);

    public static async Task<CommandRun> Of(PcieFabricCommand command, string[] args, string input = "", CancellationToken cancellation = default)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await command.InvokeAsync(args, new CommandStreams(new StringReader(input), output, error), cancellation);
        return new((ExitCode)exitCode, output.ToString(), error.ToString());
    }
}
