using System.Globalization;
using System.Text;
using PcieFabric.Cli.Benchmarks;

namespace PcieFabric.Cli.Tests.House;

/// <summary>The page's figures are those that are kept for comparison. After 'pciefabric bench --save docs/performance.json', PCIEFABRIC_WRITE_DOCS=1 writes them anew.</summary>
public sealed class PerformancePageTests
{
    private const string Page = "docs/performance.md";
    private const string Start = "<!-- figures of performance.json -->\n", End = "<!-- end of figures -->\n";

    [Fact]
    public void TheFiguresOfThePageAreThoseThatAreKept()
    {
        var written = Table(BenchmarkReport.Read(Path.Combine(Repository.Root, "docs/performance.json")));
        var path = Path.Combine(Repository.Root, Page);
        var page = File.ReadAllText(path);
        var (start, end) = (page.IndexOf(Start, StringComparison.Ordinal) + Start.Length, page.IndexOf(End, StringComparison.Ordinal));
        if (GeneratedFiles.AreToBeWritten) File.WriteAllText(path, page[..start] + written + page[end..]);

        Assert.Contains(Start + written + End, File.ReadAllText(path));
    }

    private static string Table(BenchmarkReport report)
    {
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"Medians of {report.Benchmarks[0].Runs} runs in one go, on {report.Machine.Processors} processors, {report.Machine.Runtime}; ");
        table.Append(CultureInfo.InvariantCulture, $"the bounds there: `queue` {report.Machine.Queue:0.00} ns a message, `memcpy` {report.Machine.Memcpy:0.0} GB/s. ");
        table.Append(CultureInfo.InvariantCulture, $"Other work left the runs {report.Machine.Share:0} % of that speed: absolute figures are so much lower, those of the bound are not.\n\n");
        table.Append("| figure | median | least and most | of the bound |\n|---|---|---|---|\n");
        foreach (var benchmark in report.Benchmarks)
        {
            foreach (var figure in benchmark.Figures)
            {
                var unit = figure.Unit.Length > 0 ? " " + figure.Unit : "";
                var bound = figure.Bound is null ? "" : $"{Number(figure.Cost!.Median)} × {figure.Bound}";
                table.Append(CultureInfo.InvariantCulture, $"| `{benchmark.Name}`: {figure.Name} | {Number(figure.Median)}{unit} | {Number(figure.Min)} to {Number(figure.Max)} | {bound} |\n");
            }
        }
        return table.ToString();
    }

    /// <summary>To three digits: more would be noise. Counts are whole.</summary>
    private static string Number(double value)
    {
        if (value is > 0 and < 100_000 && double.IsInteger(value)) return value.ToString("#,0", CultureInfo.InvariantCulture);
        var rounded = double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return rounded.ToString(rounded >= 1000 ? "#,0" : "0.###", CultureInfo.InvariantCulture);
    }
}
