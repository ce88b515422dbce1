namespace PcieFabric.Cli.Tests.House;

public class NamespaceTests
{
    /// <summary>Where the namespaces of a project start. The folders of Fabric and Actors share one space of names.</summary>
    private static readonly (string Folder, string Namespace)[] Projects =
    [
        ("src/Fabric", "PcieFabric"),
        ("src/Actors", "PcieFabric"),
        .. ProjectFolders("src/Hosts"),
        .. ProjectFolders("tests"),
    ];

    [Fact]
    public void EveryNamespaceIsTheFolderOrItsPlural()
    {
        var wrong = Projects.SelectMany(project => Repository.Sources(project.Folder).Select(file => (File: file, Expected: Expected(project, file))))
            .Select(entry => (entry.File, entry.Expected, Actual: SourceText.Namespace(Repository.Code(entry.File))))
            .Where(entry => entry.Actual is not null && !Fits(entry.Expected, entry.Actual))
            .Select(entry => $"{entry.File}: namespace {entry.Actual}, expected {string.Join('.', entry.Expected)} or its plural");

        Violations.None(wrong);
    }

    [Fact]
    public void AFolderHasOneNamespace()
    {
        var mixed = Projects.SelectMany(project => Repository.Sources(project.Folder))
            .GroupBy(file => Path.GetDirectoryName(file), file => SourceText.Namespace(Repository.Code(file)))
            .Where(folder => folder.Where(name => name is not null).Distinct().Count() > 1)
            .Select(folder => $"{folder.Key}: {string.Join(", ", folder.Distinct())}");

        Violations.None(mixed);
    }

    [Fact]
    public void OnlyStatementsAtTheTopHaveNoNamespace()
    {
        var without = Projects.SelectMany(project => Repository.Sources(project.Folder))
            .Where(file => SourceText.Namespace(Repository.Code(file)) is null)
            .Where(file => Path.GetFileName(file) is not ("Program.cs" or "GlobalUsings.cs" or "AssemblyInfo.cs"));

        Violations.None(without);
    }

    [Theory]
    [InlineData("PcieFabric.Tlps", true)]
    [InlineData("PcieFabric.Tlp", true)]
    [InlineData("PcieFabric.Packets", false)]
    [InlineData("PcieFabric", false)]
    [InlineData("PcieFabric.Tlps.Codec", false)]
    public void APluralFitsAndAnotherWordDoesNot(string actual, bool fits) => Assert.Equal(fits, Fits(["PcieFabric", "Tlp"], actual));

    private static string[] Expected((string Folder, string Namespace) project, string file) =>
        [.. project.Namespace.Split('.'), .. Path.GetDirectoryName(file)![project.Folder.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries)];

    private static bool Fits(string[] expected, string actual) => actual.Split('.') is var segments
        && segments.Length == expected.Length
        && segments.Zip(expected).All(pair => pair.First == pair.Second || pair.First == pair.Second + "s");

    private static IEnumerable<(string Folder, string Namespace)> ProjectFolders(string folder) => Repository.Files
        .Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal))
        .Select(file => (Path.GetDirectoryName(file)!, Path.GetFileNameWithoutExtension(file)));
}
