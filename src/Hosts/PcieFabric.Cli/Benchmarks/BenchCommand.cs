using System.CommandLine;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;
using Spectre.Console;

namespace PcieFabric.Cli.Benchmarks;

/// <summary><c>pciefabric bench</c>: the project's own measurements, several runs of each, the median told.</summary>
internal static class BenchCommand
{
    private static readonly IReadOnlyList<string> Names = [.. All(new BenchOptions(Poll: false, LargestScale: false)).Select(b => b.Name)];

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = $"One of {string.Join(", ", Names)}; all without it", Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add([.. Names]);
        var runs = new Option<int>("--runs") { Description = "Runs of each; the median is told", DefaultValueFactory = _ => 3, HelpName = "N" };
        var poll = new Option<bool>("--poll") { Description = "vfio-user: the server looks for messages a while before it sleeps" };
        var all = new Option<bool>("--all") { Description = "scale: sixteen full segments too, which take about 2 GiB" };
        var command = new FabricCommand("bench", "Measure this machine: TLPs a second, allocations, enumeration",
            "pciefabric bench",
            "pciefabric bench switch --json",
            "pciefabric bench rack --runs 5",
            "pciefabric bench scale --all --runs 1",
            "pciefabric bench vfio-user --poll") { name, runs, poll, all, new JsonOption() };
        command.SetAction((context, cancellation) => Task.FromResult(Run(
            context, context.Arguments.GetValue(name), context.Arguments.GetValue(runs), new BenchOptions(context.Arguments.GetValue(poll), context.Arguments.GetValue(all)), cancellation)));
        return command;
    }

    private static ExitCode Run(CommandContext context, string? name, int runs, BenchOptions options, CancellationToken cancellation)
    {
        if (runs is < 1 or > 100) throw new InputException($"--runs: {runs} runs cannot be", "1 to 100");
        var chosen = All(options).Where(b => name is null || b.Name == name).ToList();
        if (chosen.Count == 0) throw new InputException($"unknown benchmark '{name}'", DidYouMean.For(name!, [.. Names]) ?? $"known: {string.Join(", ", Names)}");
        var results = new List<BenchmarkResult>();
        foreach (var benchmark in chosen)
        {
            if (context.Interactive) context.Error.WriteLine($"{benchmark.Name}: {benchmark.Description}, {runs} runs");
            results.Add(BenchmarkResult.Of(benchmark, Enumerable.Range(0, runs).Select(_ => benchmark.Run(cancellation)).ToList()));
        }
        if (context.Json) context.WriteJson(new BenchmarkReport(results), BenchmarkJson.Default.BenchmarkReport);
        else Draw(context, results);
        return ExitCode.Done;
    }

    private sealed record BenchOptions(bool Poll, bool LargestScale);

    private static IReadOnlyList<IBenchmark> All(BenchOptions options) =>
        [new SwitchBenchmark(), new ReadBenchmark(), new TrainBenchmark(), new JournalBenchmark(), new RackBenchmark(), new ScaleBenchmark(options.LargestScale), new PartitionBenchmark(), new EngineBenchmark(), new VfioUserBenchmark(options.Poll)];

    private static void Draw(CommandContext context, IEnumerable<BenchmarkResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumns("benchmark", "figure");
        table.AddColumn(new TableColumn("median").RightAligned());
        table.AddColumn(new TableColumn("min").RightAligned());
        table.AddColumn(new TableColumn("max").RightAligned());
        table.AddColumn("unit");
        foreach (var result in results)
        {
            var shown = result.Name;
            foreach (var figure in result.Figures)
            {
                table.AddRow(shown, figure.Name, Number(figure.Median), Number(figure.Min), Number(figure.Max), figure.Unit);
                shown = "";
            }
        }
        context.Console.Write(table);
    }

    private static string Number(double value) => Math.Abs(value) >= 1000 ? value.ToString("#,0") : value.ToString("0.###");
}
