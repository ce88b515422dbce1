using System.CommandLine;
using System.Text.RegularExpressions;
using PcieFabric.Cli.CommandLine;

namespace PcieFabric.Cli.Tests.House;

public partial class DocumentationTests
{
    public static TheoryData<string> Pages() => [.. Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))];

    public static TheoryData<string> Examples() => [.. ExamplesOf(PcieFabricCommand.WithEverything()).Distinct()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryLinkInAPageLeadsSomewhere(string page)
    {
        var links = Link().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith('#'));

        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, link.Split('#')[0])), $"{page}: {link}"));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void EveryCommandLineInAPageIsOneThatWeUnderstand(string page) =>
        Assert.All(ShellBlock().Matches(Repository.Read(page)).SelectMany(block => block.Groups[1].Value.Split('\n')), AssertUnderstood);

    [Theory]
    [MemberData(nameof(Examples))]
    public void EveryExampleOfTheHelpIsOneThatWeUnderstand(string example) => AssertUnderstood(example);

    [Fact]
    public void ACommandLineThatWeDoNotUnderstandIsSeen()
    {
        Assert.ThrowsAny<Exception>(() => AssertUnderstood("./pciefabric dcotor"));
        Assert.ThrowsAny<Exception>(() => AssertUnderstood("echo 00 | pciefabric doctor --jsno && true"));
    }

    private static void AssertUnderstood(string line)
    {
        var script = ScriptLine().Match(line);
        if (script.Success)
            Assert.Contains(script.Groups[1].Value, Repository.Files);
        foreach (Match command in CommandLineOfOurs().Matches(line))
            Assert.Empty(PcieFabricCommand.WithEverything().Parse(command.Groups[1].Value.Trim()).Errors);
    }

    private static IEnumerable<string> ExamplesOf(Command command) =>
        (command is IHaveExamples { Examples: var examples } ? examples : []).Concat(command.Subcommands.SelectMany(ExamplesOf));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```sh\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"^\./(\S+)")]
    private static partial Regex ScriptLine();

    // Up to a comment, a pipe, a redirection or the next command.
    [GeneratedRegex(@"(?:^|[|;&]\s*)(?:\./)?pciefabric\b([^#|;&<>\n]*)")]
    private static partial Regex CommandLineOfOurs();
}
