using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Tests.CommandLine;

namespace PcieFabric.Cli.Tests.House;

/// <summary>The README's picture is what the command prints: virtual time makes that the same everywhere. PCIEFABRIC_WRITE_DOCS=1 draws it anew.</summary>
public sealed partial class PictureTests
{
    private const string Experiment = "config/experiments/four-endpoints.yaml";
    private const string Picture = "docs/images/four-endpoints.svg";
    private const int LinePixels = 17, CharacterTenths = 78, MarginPixels = 18;

    [Fact]
    public async Task ThePictureIsWhatTheMainExperimentPrints()
    {
        var run = await CommandRun.Of("run", Path.Combine(Repository.Root, Experiment));
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        var drawn = Draw($"$ ./pciefabric run {Experiment}\n" + WallTime().Replace(run.Output, ""));
        var path = Path.Combine(Repository.Root, Picture);
        if (GeneratedFiles.AreToBeWritten) await File.WriteAllTextAsync(path, drawn);
        Assert.Equal(await File.ReadAllTextAsync(path), drawn);
    }

    /// <summary>The one thing in the output that depends on the machine.</summary>
    [GeneratedRegex(@" in [\d.,]+ s(?=;|$)", RegexOptions.Multiline)]
    internal static partial Regex WallTime();

    private static string Draw(string text)
    {
        var lines = text.Split('\n').Select(line => line.TrimEnd()).ToArray();
        lines = [.. lines.Where((line, i) => line.Length > 0 || (i > 0 && lines[i - 1].Length > 0))];
        var width = lines.Max(line => line.Length) * CharacterTenths / 10 + 2 * MarginPixels;
        var height = lines.Length * LinePixels + 2 * MarginPixels;
        var svg = new StringBuilder();
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Output of pciefabric run\">\n");
        svg.Append($"<rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#1b1f2a\"/>\n");
        svg.Append("<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\" fill=\"#d5dae5\" xml:space=\"preserve\">\n");
        for (var i = 0; i < lines.Length; i++)
            svg.Append($"<text x=\"{MarginPixels}\" y=\"{MarginPixels + (i + 1) * LinePixels - 4}\" textLength=\"{Math.Max(1, lines[i].Length * CharacterTenths / 10)}\"{Colour(lines[i])}>{SecurityElement.Escape(lines[i])}</text>\n");
        return svg.Append("</g>\n</svg>\n").ToString();
    }

    private static string Colour(string line) =>
        line.StartsWith('$') ? " fill=\"#8fb8ff\""
        : line.StartsWith("  met ", StringComparison.Ordinal) ? " fill=\"#9fd89a\""
        : line.StartsWith('─') ? " fill=\"#5b6478\""
        : "";
}
