using System.CommandLine;
using System.Diagnostics;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Cli.Plots;
using PcieFabric.Documents;
using PcieFabric.Experiments;
using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.Recording;
using Spectre.Console;

namespace PcieFabric.Cli.Experiments;

/// <summary><c>pciefabric run</c>: an experiment from its file to a table of results, and whether its checks are met.</summary>
internal static class RunCommand
{
    /// <summary>Between two looks of a person at the progress.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var file = new Argument<string>("EXPERIMENT") { Description = "The experiment, a YAML file" };
        var seed = new Option<ulong?>("--seed") { Description = "Another seed than the experiment's", HelpName = "N" };
        var sets = new Option<string[]>("--set")
        {
            Description = "Change a value of the experiment, or of its topology behind 'topology.'; may be given again",
            HelpName = "PATH=VALUE",
        };
        var partitions = new Option<int?>("--partitions") { Description = "Parts to cut the fabric into; never changes a result", HelpName = "N" };
        var threads = new Option<int?>("--threads") { Description = "Threads to run them on, as many as processors unless said otherwise; never changes a result", HelpName = "N" };
        var journal = new Option<string?>("--journal") { Description = "Record the run, for replay", HelpName = "FILE" };
        var level = new Option<JournalLevel>("--journal-level")
        {
            Description = "What to record: inputs, which suffice for a replay, or all messages too",
            HelpName = "inputs|messages",
            CustomParser = argument => LevelOf(argument.Tokens[0].Value),
        };
        var exact = new Option<bool>("--exact") { Description = "Deliver every TLP by itself, and print a digest of all messages; never changes a result" };
        var plot = new Option<string?>("--plot") { Description = "Draw the results over what the experiment sweeps, as an SVG picture", HelpName = "FILE" };
        var command = new FabricCommand("run",
            """
            Runs an experiment: enumerates its topology, does its workloads, and shows what was measured and which checks are met.

            The exit code is 1 if a check is not met or something never came to its end.
            """,
            "pciefabric run config/experiments/four-endpoints.yaml",
            "pciefabric run config/experiments/dma-read-sweep.yaml --set workloads.one-endpoint.outstanding=8",
            "pciefabric run config/experiments/dma-write-sweep.yaml --set \"topology.defaults.link.generation=4\" --json",
            "pciefabric run config/experiments/four-endpoints.yaml --partitions 2 --seed 7",
            "pciefabric run config/experiments/four-endpoints.yaml --exact",
            "pciefabric run config/experiments/four-endpoints.yaml --journal run.pfj --journal-level messages",
            "pciefabric run config/experiments/p2p-bandwidth.yaml --plot bandwidth.svg") { file, seed, sets, partitions, threads, exact, journal, level, plot, new JsonOption() };
        command.SetAction((context, cancellation) =>
        {
            var arguments = context.Arguments;
            var options = new ExperimentOptions
            {
                Seed = arguments.GetValue(seed),
                Partitions = Within(arguments.GetValue(partitions), "--partitions"),
                Threads = Within(arguments.GetValue(threads), "--threads"),
                Digest = arguments.GetValue(exact) || arguments.GetValue(journal) is not null,
            };
            var overrides = (arguments.GetValue(sets) ?? []).Select(Override.Parse).ToList();
            var recording = arguments.GetValue(journal) is { } path ? new Recording(path, arguments.GetValue(level)) : null;
            var picture = arguments.GetValue(plot) is { } picturePath ? new WholeFile(picturePath, "--plot", arguments.GetValue(file)!) : null;
            return Task.FromResult(Run(context, arguments.GetValue(file)!, overrides, options, recording, picture, cancellation));
        });
        return command;
    }

    private static JournalLevel LevelOf(string text) => text switch
    {
        "inputs" => JournalLevel.Inputs,
        "messages" => JournalLevel.Messages,
        _ => throw new InputException($"--journal-level: there is no level '{text}'", "inputs or messages"),
    };

    private sealed record Recording(string Path, JournalLevel Level);

    private static ExitCode Run(CommandContext context, string file, IReadOnlyList<Override> overrides, ExperimentOptions options, Recording? recording, WholeFile? picture, CancellationToken cancellation)
    {
        var definition = ExperimentReader.Read(file, DiskFiles.Instance, overrides);
        if (picture is not null) ExperimentPlot.Require(definition);
        if (definition.Threads == 0) options = options with { Threads = options.Threads ?? Environment.ProcessorCount };
        var clock = Stopwatch.StartNew();
        using var run = ExperimentRun.Prepare(definition, options);
        using var recorder = recording is null ? null : JournalRecorder.Create(recording.Path, run.Fabric.Engine, RecorderOptions.For(definition) with { Level = recording.Level });
        var result = context.Interactive ? Watched(context, run, cancellation) : run.Execute(cancellation: cancellation);
        recorder?.Finish();
        var report = RunReport.Of(result, clock.Elapsed);
        if (context.Json) context.WriteJson(report, RunJson.Default.RunReport);
        else RunTable.Write(context, report);
        if (picture is not null) Draw(context, picture, ExperimentPlot.Of(result));
        foreach (var unfinished in result.Unfinished) context.Error.WriteLine($"{definition.Name}: {unfinished}");
        return result.IsMet ? ExitCode.Done : ExitCode.NotMet;
    }

    /// <summary>A run that never got to measure anything leaves no empty picture behind.</summary>
    private static void Draw(CommandContext context, WholeFile file, Plot plot)
    {
        if (plot.Diagrams.Count == 0)
        {
            context.Error.WriteLine($"{file}: not written, as nothing was measured");
            return;
        }
        file.Write(writer => SvgPlot.Write(writer, plot));
        if (!context.Json) context.Output.WriteLine($"{file}: {string.Join(", ", plot.Diagrams.Select(diagram => $"{diagram.Ordinate} by {diagram.Abscissa}"))}");
    }

    private static ExperimentResult Watched(CommandContext context, ExperimentRun run, CancellationToken cancellation) =>
        context.Console.Progress().AutoClear(true).Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).Start(progress =>
        {
            var task = progress.AddTask("enumeration");
            var shown = Stopwatch.StartNew();
            return run.Execute(now =>
            {
                if (shown.Elapsed < Refresh) return;
                shown.Restart();
                task.Description = Markup.Escape($"{now.Activity}, {now.Now}");
                task.MaxValue = now.Steps;
                task.Value = now.StepsDone;
            }, cancellation: cancellation);
        });

    private static int? Within(int? given, string option) =>
        given is < 1 or > Limits.MaxPartitions ? throw new InputException($"{option}: {given} is out of range", $"1 to {Limits.MaxPartitions}") : given;
}
