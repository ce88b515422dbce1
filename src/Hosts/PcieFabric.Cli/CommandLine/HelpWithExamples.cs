using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PcieFabric.Cli.CommandLine;

/// <summary>The usual help, and below it the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var context = CommandContext.Of(parseResult);
        help.MaxWidth = context.Width;
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is IHaveExamples { Examples: var examples })
        {
            context.Output.WriteLine("Examples:");
            foreach (var example in examples)
                context.Output.WriteLine($"  {example}");
        }

        return (int)ExitCode.Done;
    }
}
