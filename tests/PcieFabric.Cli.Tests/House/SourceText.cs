using System.Text.RegularExpressions;

namespace PcieFabric.Cli.Tests.House;

/// <summary>As much of C# as the house rules need.</summary>
internal static partial class SourceText
{
    public static string WithoutCommentsAndStrings(string source) => CommentOrString().Replace(source, match =>
        match.Value.StartsWith("//", StringComparison.Ordinal) || match.Value.StartsWith("/*", StringComparison.Ordinal)
            ? new string('\n', match.Value.Count(character => character == '\n'))
            : "\"" + new string('\n', match.Value.Count(character => character == '\n')) + "\"");

    public static string? Namespace(string code) => NamespaceDeclaration().Match(code) is { Success: true } match ? match.Groups[1].Value : null;

    public static IEnumerable<string> Usings(string code) => UsingDirective().Matches(code).Select(match => match.Groups[1].Value);

    /// <summary>Names of the types that a file declares, nested ones too.</summary>
    public static IEnumerable<string> Types(string code) => TypeDeclaration().Matches(code).Select(match => match.Groups["name"].Value);

    /// <summary>Public types that a file declares at its top level, with whatever stands right above each.</summary>
    public static IEnumerable<(string Name, bool Documented)> PublicTypes(string source)
    {
        var lines = source.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var match = PublicTypeLine().Match(lines[i]);
            if (!match.Success)
                continue;
            var above = i - 1;
            while (above >= 0 && (lines[above].StartsWith('[') || lines[above].StartsWith('#')))
                above--;
            yield return (match.Groups["name"].Value, above >= 0 && lines[above].StartsWith("///", StringComparison.Ordinal));
        }
    }

    [GeneratedRegex("""
        //[^\n]* | /\*.*?\*/ | \$*(?<quotes>"{3,}).*?\k<quotes> | (\$@|@\$|@)"(""|[^"])*" | \$?"(\\.|[^"\\\n])*" | '(\\.[^']*|[^'\\\n])'
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*[;{]?", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"^(?:global\s+)?using\s+(?:static\s+|unsafe\s+)*(?:\w+\s*=\s*)?(?:global::)?([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record(\s+struct|\s+class)?)\s+(?!struct\b|class\b)(?<name>[A-Z]\w*)(?=\s*[<({:;\n]|\s+where\b|\s*$)", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^public\s+([a-z]+\s+)*(class|struct|interface|enum|record|delegate\s+\S+)\s+(?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture)]
    private static partial Regex PublicTypeLine();
}
