using System.Globalization;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Units;
using Spectre.Console;

namespace PcieFabric.Cli.Experiments;

/// <summary>What <c>run</c> shows a person: measurements, checks, a line about the run.</summary>
internal static class RunTable
{
    public static void Write(CommandContext context, RunReport report)
    {
        context.Console.Write(Measurements(report));
        if (report.Checks.Count > 0) context.Console.Write(Checks(report));
        var met = report.Checks.Count(check => check.Met);
        var verdict = met == report.Checks.Count ? $"all {met} checks met" : $"{report.Checks.Count - met} of {report.Checks.Count} checks NOT MET";
        var trains = report.Trains > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {report.Trains:N0} train{(report.Trains == 1 ? "" : "s")}") : "";
        var digest = report.Digest is null ? "" : $"; digest {report.Digest}";
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Experiment}: {verdict}; {new Quantity(report.VirtualTimePs, Dimension.Time)} of virtual time, {report.Messages:N0} messages{trains} in {report.WallSeconds:0.00} s{digest}"));
    }

    /// <summary>Settings that are swept have columns of their own, and so have hits of the IO-TLB and ways, where there are any.</summary>
    private static Table Measurements(RunReport report)
    {
        string[] swept = [.. report.Measured.SelectMany(row => row.Point.Keys).Distinct()];
        var (translates, hasWays) = (report.Measured.Any(row => row.TranslationHitsPercent is not null), report.Measured.Any(row => row.Way is not null));
        var table = new Table().Border(TableBorder.Simple).AddColumn("workload");
        foreach (var column in (string[])[.. swept, "size", "bandwidth", "rate", "latency min", "median", "p99", "max", "operations", "errors", .. translates ? ["IO-TLB hits"] : Array.Empty<string>()])
            table.AddColumn(new TableColumn(column).RightAligned());
        if (hasWays) table.AddColumn("way");
        foreach (var row in report.Measured)
        {
            table.AddRow(
            [
                Markup.Escape(row.Workload), .. swept.Select(key => Markup.Escape(row.Point.GetValueOrDefault(key) ?? "")),
                Text(row.SizeBytes, Dimension.Size), Text(row.BitsPerSecond, Dimension.Bandwidth), Text(row.OperationsPerSecond, Dimension.Rate),
                Text(row.LatencyPs?.Min), Text(row.LatencyPs?.Median), Text(row.LatencyPs?.P99), Text(row.LatencyPs?.Max),
                row.Operations.ToString("N0", CultureInfo.InvariantCulture), row.Errors == 0 ? "0" : $"[red]{row.Errors}[/]",
                .. translates ? [row.TranslationHitsPercent is { } hits ? Text(hits, Dimension.Percentage) : ""] : Array.Empty<string>(),
                .. hasWays ? [Markup.Escape(row.Way ?? "")] : Array.Empty<string>(),
            ]);
        }
        return table;
    }

    private static Table Checks(RunReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("", "workload", "check", "observed");
        foreach (var check in report.Checks)
            table.AddRow(check.Met ? "[green]met[/]" : "[red]NOT MET[/]", Markup.Escape(check.Workload), Markup.Escape(check.Check), Markup.Escape(check.Text));
        return table;
    }

    private static string Text(double? picoseconds) => picoseconds is { } value ? Text(value, Dimension.Time) : "";

    private static string Text(double value, Dimension dimension) => new Quantity(value, dimension).ToString();
}
