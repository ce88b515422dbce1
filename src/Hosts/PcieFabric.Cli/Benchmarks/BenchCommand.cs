using System.CommandLine;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;

namespace PcieFabric.Cli.Benchmarks;

/// <summary><c>pciefabric bench</c>: the project's own measurements, several runs of each, the median told; kept, and compared with what was kept.</summary>
internal static class BenchCommand
{
    public static Command Create() => Create(All, () => new MachineSpeedometer().Measure);

    /// <param name="all">The benchmarks.</param>
    /// <param name="speedometer">Makes what measures the machine's bounds; only a command that runs pays for it.</param>
    internal static Command Create(Func<BenchOptions, IReadOnlyList<IBenchmark>> all, Func<Func<MachineSpeeds>> speedometer)
    {
        string[] names = [.. all(default).Select(benchmark => benchmark.Name)];
        var name = new Argument<string?>("NAME") { Description = $"One of {string.Join(", ", names)}; all without it", Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add(names);
        var runs = new Option<int>("--runs") { Description = "Runs of each; the median is told", DefaultValueFactory = _ => 3, HelpName = "N" };
        var poll = new Option<bool>("--poll") { Description = "vfio-user: the server looks for messages a while before it sleeps" };
        var largest = new Option<bool>("--all") { Description = "scale: sixteen full segments too, which take about 2 GiB" };
        var save = new Option<string?>("--save") { Description = "Keep the figures in FILE", HelpName = "FILE" };
        var compare = new Option<string?>("--compare") { Description = "Compare with the figures kept in FILE, each set against the machine's bound; exit code 1 if one got worse", HelpName = "FILE" };
        var flames = new Option<string?>("--flame-graph") { Description = "Run NAME under perf instead, and draw where its time goes as SVG", HelpName = "FILE.svg" };
        var command = new FabricCommand("bench", "Measure this machine: TLPs a second, allocations, enumeration",
            "pciefabric bench",
            "pciefabric bench switch --json",
            "pciefabric bench rack --runs 5",
            "pciefabric bench scale --all --runs 1",
            "pciefabric bench vfio-user --poll",
            "pciefabric bench --runs 5 --compare docs/performance.json",
            "pciefabric bench switch --flame-graph switch.svg") { name, runs, poll, largest, save, compare, flames, new JsonOption() };
        command.SetAction((context, cancellation) =>
        {
            var arguments = context.Arguments;
            var chosen = Chosen(all(new BenchOptions(arguments.GetValue(poll), arguments.GetValue(largest))), arguments.GetValue(name));
            if (arguments.GetValue(runs) is < 1 or > 100) throw new InputException($"--runs: {arguments.GetValue(runs)} runs cannot be", "1 to 100");
            return Task.FromResult(arguments.GetValue(flames) is { } picture
                ? BenchmarkFlameGraph.Draw(context, chosen, arguments.GetValue(runs), picture)
                : Run(context, chosen, arguments.GetValue(runs), arguments.GetValue(save), arguments.GetValue(compare), speedometer(), cancellation));
        });
        return command;
    }

    private static IReadOnlyList<IBenchmark> Chosen(IReadOnlyList<IBenchmark> all, string? name)
    {
        if (name is null) return all;
        string[] known = [.. all.Select(benchmark => benchmark.Name)];
        return all.FirstOrDefault(benchmark => benchmark.Name == name) is { } chosen
            ? [chosen]
            : throw new InputException($"unknown benchmark '{name}'", DidYouMean.For(name, known) ?? $"known: {string.Join(", ", known)}");
    }

    private static ExitCode Run(CommandContext context, IReadOnlyList<IBenchmark> chosen, int runs, string? save, string? compare, Func<MachineSpeeds> measure, CancellationToken cancellation)
    {
        var kept = compare is null ? null : BenchmarkReport.Read(compare);
        var file = save is null ? null : new WholeFile(save, "--save", compare);
        var (results, speeds) = (new List<BenchmarkResult>(), new List<MachineSpeeds>());
        foreach (var benchmark in chosen)
        {
            if (context.Interactive) context.Error.WriteLine($"{benchmark.Name}: {benchmark.Description}, {runs} runs");
            var measured = new List<(IReadOnlyList<Figure>, MachineSpeeds)>();
            for (var run = 0; run < runs; run++)
            {
                var before = measure();
                var figures = benchmark.Run(cancellation);
                speeds.Add(MachineSpeeds.Around(before, measure()));
                measured.Add((figures, speeds[^1]));
            }
            results.Add(BenchmarkResult.Of(benchmark, measured));
        }
        var report = new BenchmarkReport(MachineDescription.Of(speeds), results);
        file?.Write(report.Write);
        if (kept is not null) report = report with { Comparison = FigureComparison.Of(kept.Benchmarks, results) };
        if (context.Json) context.WriteJson(report, BenchmarkJson.Default.BenchmarkReport);
        else BenchmarkTable.Draw(context, report);
        var worse = (report.Comparison ?? []).Where(row => row.Verdict == Verdict.Worse).Select(row => $"{row.Benchmark} '{row.Figure}'").ToList();
        if (worse.Count == 0) return ExitCode.Done;
        if (!context.Quiet) context.Error.WriteLine($"worse than in {compare}: {string.Join(", ", worse)}");
        return ExitCode.NotMet;
    }

    /// <param name="Poll">Servers poll.</param>
    /// <param name="LargestScale">A million functions too.</param>
    internal readonly record struct BenchOptions(bool Poll, bool LargestScale);

    private static IReadOnlyList<IBenchmark> All(BenchOptions options) =>
    [
        new SwitchBenchmark(), new ReadBenchmark(), new TrainBenchmark(), new JournalBenchmark(), new RackBenchmark(), new ScaleBenchmark(options.LargestScale), new PartitionBenchmark(),
        new EngineBenchmark(), new VfioUserBenchmark(options.Poll), new StartupBenchmark(),
    ];
}
