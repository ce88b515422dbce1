using System.Xml.Linq;

namespace PcieFabric.Cli.Tests.House;

public class DependencyTests
{
    /// <summary>Projects that cannot be built everywhere, each with its reason.</summary>
    private static readonly Dictionary<string, string> OutsideTheSolution = [];

    [Theory]
    [InlineData("Fabric", "")]
    [InlineData("Actors", "Fabric")]
    [InlineData("Hosts", "Actors Fabric Hosts")]
    public void DependenciesRunFromHostsToActorsToFabric(string floor, string below)
    {
        var allowed = below.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var projects = Repository.Files.Where(file => file.StartsWith($"src/{floor}/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.All(References(project), reference => Assert.Contains(reference.Split('/')[1], allowed)));
    }

    [Theory]
    [InlineData("src/Fabric/PcieFabric.Fabric.csproj")]
    [InlineData("src/Actors/PcieFabric.Actors.csproj")]
    public void TheCompilerForbidsAmbientTimeAndChance(string project)
    {
        var xml = XDocument.Parse(Repository.Read(project));

        Assert.Contains(xml.Descendants("PackageReference"), package => (string?)package.Attribute("Include") == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
        var list = Assert.Single(xml.Descendants("AdditionalFiles"), file => ((string)file.Attribute("Include")!).EndsWith("BannedSymbols.txt", StringComparison.Ordinal));
        Assert.Equal("BannedSymbols.txt", FromRoot(project, (string)list.Attribute("Include")!));
        Assert.DoesNotContain("RS0030", Repository.Read(project));
        Assert.DoesNotContain("RS0030", Repository.Read(".editorconfig"));
    }

    [Fact]
    public void OnlyTheEngineLiftsTheBanAndSaysWhy()
    {
        var lifted = Repository.Sources("src/Fabric").Concat(Repository.Sources("src/Actors"))
            .SelectMany(file => Repository.Read(file).Split('\n').Where(line => line.Contains("RS0030", StringComparison.Ordinal)).Select(line => (File: file, Line: line)));

        Violations.None(lifted
            .Where(lift => !lift.File.StartsWith("src/Actors/Engine/", StringComparison.Ordinal) || (lift.Line.Contains("disable", StringComparison.Ordinal) && !lift.Line.Contains("// ", StringComparison.Ordinal)))
            .Select(lift => $"{lift.File}: {lift.Line.Trim()}"));
    }

    [Fact]
    public void EveryBannedSymbolHasAReason()
    {
        var lines = Repository.Read("BannedSymbols.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Matches(@"^[TMPFE]:[\w.{}(),`]+;\S.+$", line));
    }

    [Fact]
    public void EveryProjectIsInTheSolution()
    {
        var solution = Repository.Read("PcieFabric.sln").Replace('\\', '/');
        var projects = Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) && file.Split('/')[0] is "src" or "tests");

        Assert.All(projects.Where(project => !OutsideTheSolution.ContainsKey(project)), project => Assert.Contains($"\"{project}\"", solution));
    }

    [Theory]
    [InlineData("src/Fabric")]
    [InlineData("src/Actors")]
    public void NoCircleBetweenFolders(string project)
    {
        var graph = FolderGraph.Of(Repository.Sources(project).Select(file => (file[(project.Length + 1)..], Repository.Code(file))));

        Violations.None(graph.Circles());
    }

    [Fact]
    public void ACircleIsFoundThroughUsingsAndQualifiedNames()
    {
        var graph = FolderGraph.Of(
        [
            ("Tlp/Tlp.cs", "using PcieFabric.Links;\nnamespace PcieFabric.Tlps;\nclass Tlp\n{\n}\n"),
            ("Links/Link.cs", "namespace PcieFabric.Links;\nclass Link\n{\n    Memory.Pool pool;\n}\n"),
            ("Memory/Pool.cs", "namespace PcieFabric.Memory;\nclass Pool\n{\n    PcieFabric.Tlps.Tlp tlp;\n}\n"),
            ("Units/SimTime.cs", "using System;\nnamespace PcieFabric.Units;\nstruct SimTime\n{\n}\n"),
        ]);

        Assert.Equal(["Tlp -> Links -> Memory -> Tlp"], graph.Circles());
    }

    [Fact]
    public void AFolderMayUseAnotherThatDoesNotUseItBack()
    {
        var graph = FolderGraph.Of(
        [
            ("Limits.cs", "namespace PcieFabric;\nclass Limits\n{\n}\n"),
            ("Tlp/Tlp.cs", "using PcieFabric.Memory;\nnamespace PcieFabric.Tlps;\nclass Tlp\n{\n    int max = Limits.Max;\n}\n"),
            ("Memory/Pool.cs", "namespace PcieFabric.Memory;\nclass Pool\n{\n    int Tlps;\n}\n"),
        ]);

        Assert.Empty(graph.Circles());
    }

    private static IEnumerable<string> References(string project) => XDocument.Parse(Repository.Read(project))
        .Descendants("ProjectReference").Select(reference => FromRoot(project, (string)reference.Attribute("Include")!));

    private static string FromRoot(string project, string include) =>
        Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, include.Replace('\\', '/'))));
}
