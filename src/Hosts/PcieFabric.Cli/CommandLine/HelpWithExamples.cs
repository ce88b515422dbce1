using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PcieFabric.Cli.CommandLine;

/// <summary>The usual help, and below it what else the command has to say, and its examples.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var context = CommandContext.Of(parseResult);
        help.MaxWidth = context.Width;
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is IHaveExamples { Details: var details, Examples: var examples })
        {
            if (details.Length > 0) context.Output.WriteLine(details + Environment.NewLine);
            context.Output.WriteLine("Examples:");
            foreach (var example in examples)
                context.Output.WriteLine($"  {example}");
        }

        return (int)ExitCode.Done;
    }
}
