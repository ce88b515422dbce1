using PcieFabric.Cli.CommandLine;
using PcieFabric.Recording;

namespace PcieFabric.Cli.Journals;

/// <summary><c>journal diff</c>: the first difference of two journals, and how much they hold.</summary>
internal static class JournalComparison
{
    public static ExitCode Run(CommandContext context, string firstPath, string secondPath)
    {
        using var first = JournalCommand.Open(context, firstPath);
        using var second = JournalCommand.Open(context, secondPath);
        first.Verify();
        second.Verify();
        var difference = JournalDiff.Compare(first, second);
        if (context.Json)
        {
            context.WriteJson(new ComparisonReport(difference is null, null, null, null, ComparisonReport.Of(difference)), JournalJson.Default.ComparisonReport);
        }
        else
        {
            context.Output.WriteLine(difference is null ? "the journals tell of the same run" : difference.Describe("the first difference is", firstPath, secondPath));
            foreach (var journal in new[] { first, second })
                context.Output.WriteLine($"{journal.Name}: {journal.Totals?.Messages.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} messages, digest {journal.Totals?.Digest.ToString("x16", null) ?? "?"}");
        }
        return difference is null ? ExitCode.Done : ExitCode.NotMet;
    }
}
