using System.Text.RegularExpressions;

namespace PcieFabric.Cli.Tests.House;

public partial class StyleTests
{
    private const int MostLines = 400;

    /// <summary>Files that are longer, each with its reason.</summary>
    private static readonly Dictionary<string, string> LongerWithReason = [];

    [Fact]
    public void NoSourceFileIsTooLongToRead()
    {
        var tooLong = CodeOfTheHouse()
            .Select(file => (File: file, Lines: Repository.Read(file).AsSpan().Count('\n')))
            .Where(entry => entry.Lines > MostLines && !LongerWithReason.ContainsKey(entry.File))
            .Select(entry => $"{entry.File}: {entry.Lines} lines, more than {MostLines}: split it");

        Violations.None(tooLong);
    }

    [Fact]
    public void EveryExceptionToTheLengthIsStillNeeded() => Assert.All(LongerWithReason, exception =>
    {
        Assert.NotEmpty(exception.Value);
        Assert.True(Repository.Read(exception.Key).AsSpan().Count('\n') > MostLines, $"{exception.Key} is short enough");
    });

    [Fact]
    public void NothingIsNamedAfterNothing()
    {
        var fromFiles = CodeOfTheHouse().Select(file => (File: file, Name: Path.GetFileNameWithoutExtension(file)));
        var fromTypes = CodeOfTheHouse().SelectMany(file => SourceText.Types(Repository.Code(file)).Select(type => (File: file, Name: type)));

        Violations.None(fromFiles.Concat(fromTypes).Distinct()
            .Where(entry => VagueName().IsMatch(entry.Name))
            .Select(entry => $"{entry.File}: {entry.Name} does not say what it is"));
    }

    [Fact]
    public void EveryPublicTypeSaysWhatItIs()
    {
        var undocumented = Repository.Sources("src")
            .SelectMany(file => SourceText.PublicTypes(Repository.Read(file)).Select(type => (Folder: Path.GetDirectoryName(file), File: file, Type: type)))
            .GroupBy(entry => (entry.Folder, entry.Type.Name))
            .Where(parts => !parts.Any(part => part.Type.Documented))
            .Select(parts => $"{parts.First().File}: {parts.Key.Name} has no documentation comment");

        Violations.None(undocumented);
    }

    [Fact]
    public void TheRepositoryNamesNoMachine()
    {
        var named = Repository.Files
            .Where(file => file.Split('/')[^1] is var name && (!name.Contains('.') || TextFile().IsMatch(name)))
            .SelectMany(file => Repository.Read(file).Split('\n').Select((line, index) => (At: $"{file}:{index + 1}", Line: line)))
            .Where(entry => MachinePath().IsMatch(entry.Line))
            .Select(entry => $"{entry.At}: {entry.Line.Trim()}");

        Violations.None(named);
    }

    [Theory]
    [InlineData("class FooHelper", true)]
    [InlineData("class Utils", true)]
    [InlineData("class ConnectionManager", true)]
    [InlineData("class PowerManagement", false)]
    [InlineData("class Unutilised", false)]
    public void VagueNamesAreToldFromGoodOnes(string code, bool vague) =>
        Assert.Equal(vague, VagueName().IsMatch(Assert.Single(SourceText.Types(code + "\n{\n}\n"))));

    [Theory]
    [InlineData("cd /wo" + "rk/main", true)]
    [InlineData("open /ho" + "me/somebody/clone", true)]
    [InlineData("see src/wo" + "rk/main", false)]
    [InlineData("ls ~/.cache", false)]
    public void MachinePathsAreToldFromOthers(string line, bool named) => Assert.Equal(named, MachinePath().IsMatch(line));

    [Fact]
    public void AnUndocumentedTypeIsSeenThroughItsAttributes()
    {
        const string source = "/// <summary>Said.</summary>\n[Flags]\npublic enum A\n{\n}\n\npublic sealed record B;\n";

        Assert.Equal([("A", true), ("B", false)], SourceText.PublicTypes(source));
    }

    private static IEnumerable<string> CodeOfTheHouse() => Repository.Sources("src").Concat(Repository.Sources("tests"));

    [GeneratedRegex("(Util|Utils|Utility|Utilities|Helper|Helpers|Manager|Managers)$|^(Util|Helper|Manager)s?[A-Z]")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\.(cs|csproj|props|targets|md|ya?ml|json|sh|bash|txt|sln|editorconfig|gitignore)$")]
    private static partial Regex TextFile();

    // Split in two, so that this file does not name what it forbids.
    [GeneratedRegex(@"(?<![\w.~-])/(wo" + @"rk|ho" + @"me|ro" + @"ot|Us" + @"ers)/\w")]
    private static partial Regex MachinePath();
}
