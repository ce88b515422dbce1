using System.CommandLine;
using PcieFabric.Input;

namespace PcieFabric.Cli.CommandLine;

/// <summary>Says what is wrong with a command line, in one line, with the nearest word that would be right.</summary>
internal static class WrongCommandLine
{
    public static InputException Describe(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var path = PathOf(parse);
        var seeHelp = $"see '{path} --help'";
        if (parse.UnmatchedTokens is [var word, ..])
        {
            var isOption = word.StartsWith('-');
            var known = isOption ? OptionNames(parse) : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
            var kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return new($"{path}: unknown {kind} '{word}'", DidYouMean.For(word, known) ?? seeHelp);
        }

        var message = parse.Errors[0].Message.TrimEnd('.');
        return new($"{path}: {char.ToLowerInvariant(message[0])}{message[1..]}", seeHelp);
    }

    private static string PathOf(ParseResult parse)
    {
        var names = new Stack<string>();
        for (var result = parse.CommandResult; result?.Command is { } command; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(command is RootCommand ? "pciefabric" : command.Name);
        return string.Join(' ', names);
    }

    private static IEnumerable<string> OptionNames(ParseResult parse) => parse.CommandResult.Command.Options
        .Concat(parse.RootCommandResult.Command.Options.Where(option => option.Recursive))
        .Where(option => !option.Hidden)
        .Select(option => option.Name);
}
