using System.Text.RegularExpressions;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;

namespace PcieFabric.Cli.Tests.House;

/// <summary>
/// Pictures and tables of shipped experiments are what the command draws and prints: virtual time makes that the same everywhere. PCIEFABRIC_WRITE_DOCS=1 makes
/// them anew.
/// </summary>
public sealed partial class ExperimentPageTests
{
    private const string Page = "docs/experiment-results.md";

    /// <summary>Those that sweep something that is worth a picture, in the order of the page.</summary>
    private static readonly string[] Names = ["dma-read-sweep", "dma-write-sweep", "p2p-bandwidth", "p2p-latency", "dma-engine", "iommu-working-set", "doorbells", "vntb"];

    public static TheoryData<string> Experiments() => [.. Names];

    [Theory]
    [MemberData(nameof(Experiments))]
    public async Task ThePictureAndTheTableAreWhatTheExperimentGives(string name)
    {
        var picture = Path.Combine(Repository.Root, $"docs/images/{name}.svg");
        var drawn = Path.GetTempFileName();
        var run = await CommandRun.Of("run", Path.Combine(Repository.Root, $"config/experiments/{name}.yaml"), "--exact", "--plot", drawn);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));

        if (GeneratedFiles.AreToBeWritten) File.Copy(drawn, picture, overwrite: true);
        Assert.Equal(await File.ReadAllTextAsync(drawn), await File.ReadAllTextAsync(picture));
        File.Delete(drawn);

        var section = Section(name, Printed(run.Output));
        if (GeneratedFiles.AreToBeWritten) Replace(name, section);
        Assert.Contains(section, Repository.Read(Page));
    }

    [Fact]
    public void ThePageHasTheseSectionsAndNoOthers() =>
        Assert.Equal(Names, Heading().Matches(Repository.Read(Page)).Select(match => match.Groups[1].Value));

    private static string Section(string name, string printed) =>
        $"## {name}\n\n![{name}](images/{name}.svg)\n\n```sh\n./pciefabric run config/experiments/{name}.yaml --exact --plot {name}.svg\n```\n\n```text\n{printed}\n```\n";

    /// <summary>Without the time that the machine took, the name of the picture, and blanks at the ends of lines.</summary>
    private static string Printed(string output)
    {
        var lines = PictureTests.WallTime().Replace(output, "").TrimEnd('\n').Split('\n')[..^1].Select(line => line.TrimEnd());
        return string.Join('\n', lines).Trim('\n');
    }

    /// <summary>Tests of one class run one after another, so that sections do not overwrite each other.</summary>
    private static void Replace(string name, string section)
    {
        var path = Path.Combine(Repository.Root, Page);
        var page = File.ReadAllText(path);
        var start = page.IndexOf($"## {name}\n", StringComparison.Ordinal);
        var end = start < 0 ? -1 : page.IndexOf("\n## ", start, StringComparison.Ordinal);
        File.WriteAllText(path, start < 0 ? $"{page.TrimEnd()}\n\n{section}" : page[..start] + section + (end < 0 ? "" : page[end..]));
    }

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
