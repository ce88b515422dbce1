using PcieFabric.Cli.CommandLine;
using Spectre.Console;

namespace PcieFabric.Cli.Benchmarks;

/// <summary>Figures and comparisons for people.</summary>
internal static class BenchmarkTable
{
    public static void Draw(CommandContext context, BenchmarkReport report)
    {
        if (report.Comparison is { } comparison) DrawComparison(context, comparison);
        else DrawFigures(context, report.Benchmarks);
        context.Output.WriteLine($"The machine's bounds: queue {report.Machine.Queue:0.00} ns a message of 64 bytes, memcpy {report.Machine.Memcpy:0.0} GB/s; runs had {report.Machine.Share:0} % of it.");
    }

    private static void DrawFigures(CommandContext context, IEnumerable<BenchmarkResult> results)
    {
        var table = WithColumns("benchmark", "figure", "median>", "min>", "max>", "unit", "of the bound>");
        foreach (var result in results)
        {
            var shown = result.Name;
            foreach (var figure in result.Figures)
            {
                table.AddRow(shown, figure.Name, Number(figure.Median), Number(figure.Min), Number(figure.Max), figure.Unit, figure.Bound is null ? "" : $"{Number(figure.Cost!.Median)} × {figure.Bound}");
                shown = "";
            }
        }
        context.Console.Write(table);
    }

    private static void DrawComparison(CommandContext context, IReadOnlyList<FigureComparison> comparison)
    {
        var table = WithColumns("benchmark", "figure", "bound", "kept>", "fresh>", "change>", "tolerance>", "");
        var last = "";
        foreach (var row in comparison)
        {
            var verdict = row.Verdict == Verdict.Same ? "" : row.Verdict.ToString().ToLowerInvariant();
            table.AddRow(row.Benchmark == last ? "" : row.Benchmark, row.Figure, row.Bound ?? "", Number(row.Kept), Number(row.Fresh), Percent(row.Change), row.Tolerance is { } tolerance ? $"{tolerance:P0}" : "", verdict);
            last = row.Benchmark;
        }
        context.Console.Write(table);
    }

    /// <summary>A name that ends with &gt; has its numbers at the right.</summary>
    private static Table WithColumns(params string[] names)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var name in names) table.AddColumn(name.EndsWith('>') ? new TableColumn(name[..^1]).RightAligned() : new TableColumn(name));
        return table;
    }

    private static string Percent(double? part) => part is { } value ? $"{100 * value:+0;-0;0} %" : "";

    private static string Number(double? value) => value is not { } number ? "" : Math.Abs(number) >= 1000 ? number.ToString("#,0") : number.ToString("0.###");
}
