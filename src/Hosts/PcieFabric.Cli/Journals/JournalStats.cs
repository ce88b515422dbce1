using System.Globalization;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Recording;
using PcieFabric.Units;
using Spectre.Console;

namespace PcieFabric.Cli.Journals;

/// <summary><c>journal stats</c>: what is in a journal.</summary>
internal static class JournalStats
{
    /// <summary>Actors that the report names; a fabric has thousands.</summary>
    private const int MostActors = 20;

    public static ExitCode Run(CommandContext context, string path)
    {
        using var journal = JournalCommand.Open(context, path);
        journal.Verify();
        var report = Count(journal);
        if (context.Json) context.WriteJson(report, JournalJson.Default.JournalReport);
        else Write(context.Console, report);
        return ExitCode.Done;
    }

    private static JournalReport Count(JournalReader journal)
    {
        var kinds = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var tlps = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var (received, sent) = (new long[journal.Actors.Count], new long[journal.Actors.Count]);
        var recorded = new RecordedMessages(journal);
        foreach (var message in journal.Messages())
        {
            var channel = journal.Channels[message.ChannelId];
            received[channel.Receiver]++;
            sent[channel.Sender]++;
            Add(kinds, ((MessageKind)message.Kind).ToString());
            if (RecordedMessages.IsTlp(in message) && recorded.IsLink(message.ChannelId)) Add(tlps, recorded.Decode(in message, static decoded => decoded.Tlp.Type.ToString()));
        }
        return new JournalReport(
            journal.Name, journal.Length, journal.Run.Producer, journal.Run.Seed.ToString(CultureInfo.InvariantCulture), journal.Run.Level.ToString().ToLowerInvariant(), journal.IsTruncated,
            [.. journal.Run.Sources.Select(s => s.Name)], journal.Actors.Count, journal.Channels.Count, journal.Blocks.Count,
            journal.Totals?.Messages, journal.Totals?.LastPs ?? journal.Blocks[^1].Header.ToPs, journal.Totals?.Digest.ToString("x16", CultureInfo.InvariantCulture), kinds, tlps,
            [.. Enumerable.Range(0, received.Length).Where(a => received[a] > 0).OrderByDescending(a => received[a]).Take(MostActors).Select(a => new JournalReport.ActorCount(journal.Actors[a], received[a], sent[a]))]);
    }

    private static void Write(IAnsiConsole console, JournalReport report)
    {
        var facts = new Table { Border = TableBorder.Simple, ShowHeaders = false }.AddColumns("", "");
        Row("file", $"{report.File}, {new Quantity(report.Bytes, Dimension.Size)} in {report.Blocks} blocks{(report.Truncated ? ", ends early" : "")}");
        Row("recorded by", report.Producer);
        Row("from", report.Sources.Count == 0 ? "a program" : string.Join(", ", report.Sources));
        Row("seed", report.Seed);
        Row("level", report.Level);
        Row("fabric", $"{report.Actors} actors, {report.Channels} channels");
        Row("run", $"{report.Delivered?.ToString(CultureInfo.InvariantCulture) ?? "?"} messages, the last at {new SimTime(report.LastPs)}");
        Row("digest", report.Digest ?? "?");
        console.Write(facts);
        WriteCounts(console, "messages", report.Kinds);
        WriteCounts(console, "TLPs on links", report.Tlps);
        if (report.Busiest.Count == 0) return;
        var actors = new Table { Border = TableBorder.Simple }.AddColumn("actor").AddColumn(Right("received")).AddColumn(Right("sent"));
        foreach (var (path, received, sent) in report.Busiest) actors.AddRow(new Text(path), new Text(Number(received)), new Text(Number(sent)));
        console.Write(actors);

        void Row(string name, string value) => facts.AddRow(new Text(name), new Text(value));
    }

    private static void WriteCounts(IAnsiConsole console, string title, IReadOnlyDictionary<string, long> counts)
    {
        if (counts.Count == 0) return;
        var table = new Table { Border = TableBorder.Simple }.AddColumn(title).AddColumn(Right("count"));
        foreach (var (name, count) in counts) table.AddRow(new Text(name), new Text(Number(count)));
        console.Write(table);
    }

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static void Add(SortedDictionary<string, long> counts, string name) => counts[name] = counts.GetValueOrDefault(name) + 1;
}
