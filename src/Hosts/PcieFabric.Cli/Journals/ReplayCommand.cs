using System.CommandLine;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Recording;
using PcieFabric.Units;

namespace PcieFabric.Cli.Journals;

/// <summary><c>pciefabric replay</c>: runs a journal again and holds it against what was recorded.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A journal, as 'run --journal' writes it" };
        var until = new Option<SimTime?>("--until")
        {
            Description = "Compare what comes before this virtual time, such as 20us",
            CustomParser = argument => new SimTime((long)Quantity.Parse(argument.Tokens[0].Value, Dimension.Time, new("--until", 1, 1)).Value),
        };
        var actor = new Option<string?>("--actor") { Description = "Run this actor alone: feed it what it got, compare what it sends" };
        var truncated = new Option<bool>("--allow-truncated") { Description = "Replay a journal that ends early, up to its end" };
        var command = new FabricCommand("replay",
            """
            Builds a recorded run anew from the journal's own copy of its files, runs it, and stops at the first message that is not as it was.

            Exit code 0 if all is the same, 1 if the replay diverged, 2 if the journal cannot be replayed.
            """,
            "pciefabric replay run.pfj",
            "pciefabric replay run.pfj --until 20us",
            "pciefabric replay run.pfj --actor host0/rp0/leaf/up --json") { file, until, actor, truncated, new JsonOption() };
        command.SetAction(context =>
        {
            var result = JournalReplay.Run(context.Arguments.GetValue(file)!, new ReplayOptions
            {
                Until = context.Arguments.GetValue(until),
                Actor = context.Arguments.GetValue(actor),
                AllowTruncated = context.Arguments.GetValue(truncated),
            });
            Write(context, context.Arguments.GetValue(file)!, result);
            return result.Divergence is null ? ExitCode.Done : ExitCode.NotMet;
        });
        return command;
    }

    private static void Write(CommandContext context, string path, ReplayResult result)
    {
        if (context.Json)
        {
            var report = new ComparisonReport(result.Divergence is null, result.Messages, result.Digests, result.ComparedUntil.Picoseconds, ComparisonReport.Of(result.Divergence));
            context.WriteJson(report, JournalJson.Default.ComparisonReport);
            return;
        }
        if (result.Divergence is not null && result.Run.Producer != JournalRecorder.Producer)
            context.Error.WriteLine($"{path}: recorded by {result.Run.Producer}, replayed by {JournalRecorder.Producer}, which may be why");
        var compared = result.Digests > 0 ? $"{result.Digests} digests" : $"{result.Messages} messages";
        context.Output.WriteLine(result.Divergence is null ? $"{path}: no divergence in {compared}, up to {result.ComparedUntil}" : $"{path}: {result.Divergence}");
    }
}
