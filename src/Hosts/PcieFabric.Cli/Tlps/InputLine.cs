using PcieFabric.Input;

namespace PcieFabric.Cli.Tlps;

/// <summary>One line that a person gave, and where.</summary>
internal readonly record struct InputLine(string Text, SourceLocation Location)
{
    /// <summary>Each argument is a line; without arguments the lines of standard input, of which blank ones and those of comment are left out.</summary>
    internal static IEnumerable<InputLine> From(IReadOnlyList<string> arguments, TextReader standardInput) =>
        arguments.Count != 0
            ? arguments.Select((text, index) => new InputLine(text, new SourceLocation("argument", index + 1, 1)))
            : FromReader(standardInput).Where(line => !string.IsNullOrWhiteSpace(line.Text) && !line.Text.AsSpan().TrimStart().StartsWith("#"));

    private static IEnumerable<InputLine> FromReader(TextReader reader)
    {
        for (var number = 1; reader.ReadLine() is { } text; number++)
            yield return new InputLine(text, new SourceLocation("stdin", number, 1));
    }
}
