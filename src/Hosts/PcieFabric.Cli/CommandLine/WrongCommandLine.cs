using System.CommandLine;
using System.CommandLine.Parsing;
using PcieFabric.Input;

namespace PcieFabric.Cli.CommandLine;

/// <summary>Says what is wrong with a command line, in one line, with the nearest word that would be right.</summary>
internal static class WrongCommandLine
{
    /// <summary>A misspelt option in front of an argument is taken for that argument. Behind <c>--</c> everything is one.</summary>
    public static string? OptionTakenForArgument(ParseResult parse) =>
        parse.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? null : parse.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .FirstOrDefault(word => word.Length > 2 && word.StartsWith("--", StringComparison.Ordinal));

    public static InputException Describe(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var path = PathOf(parse);
        var seeHelp = $"see '{path} --help'";
        if (OptionTakenForArgument(parse) is { } taken)
            return new($"{path}: unknown option '{taken}'", DidYouMean.For(taken, OptionNames(parse)) ?? seeHelp);

        if (parse.UnmatchedTokens is [var word, ..])
        {
            var isOption = word.StartsWith('-');
            var known = isOption ? OptionNames(parse) : command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);
            var kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return new($"{path}: unknown {kind} '{word}'", DidYouMean.For(word, known) ?? seeHelp);
        }

        if (NumberOptionOf(parse.Errors[0]) is { Tokens: [var value, ..] } option)
            return new($"{path}: {option.Option.Name}: '{value.Value}' is no whole number in range", seeHelp);

        var message = parse.Errors[0].Message.TrimEnd('.');
        return new($"{path}: {char.ToLowerInvariant(message[0])}{message[1..]}", seeHelp);
    }

    /// <summary>The option whose value is no number, if the error is of that kind: the parser would name a type of .NET.</summary>
    private static OptionResult? NumberOptionOf(ParseError error)
    {
        var option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        var type = option is null ? null : Nullable.GetUnderlyingType(option.Option.ValueType) ?? option.Option.ValueType;
        return type == typeof(int) || type == typeof(ulong) ? option : null;
    }

    private static string PathOf(ParseResult parse)
    {
        var names = new Stack<string>();
        for (var result = parse.CommandResult; result?.Command is { } command; result = result.Parent as CommandResult)
            names.Push(command is RootCommand ? "pciefabric" : command.Name);
        return string.Join(' ', names);
    }

    private static IEnumerable<string> OptionNames(ParseResult parse) => parse.CommandResult.Command.Options
        .Concat(parse.RootCommandResult.Command.Options.Where(option => option.Recursive))
        .Where(option => !option.Hidden)
        .Select(option => option.Name);
}
