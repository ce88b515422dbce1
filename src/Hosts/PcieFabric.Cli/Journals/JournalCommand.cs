using System.CommandLine;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.Recording;

namespace PcieFabric.Cli.Journals;

/// <summary><c>pciefabric journal</c>: looks at recorded runs.</summary>
internal static class JournalCommand
{
    private const string FilterGrammar = """
        A filter is a list of terms, all of which must hold; values with commas between them are alternatives:
        actor=host0/** (sender or receiver; also from=, to=), type=MWr64,CplD, kind=CreditReturn, bdf=03:00.0,
        address=0x1000-0x1fff, time=1us-2us
        """;

    public static Command Create() => new FabricCommand("journal", "Shows, counts, compares and exports what a run recorded",
        "pciefabric journal show run.pfj --filter \"actor=host0/** type=MWr64\" --limit 20",
        "pciefabric journal stats run.pfj",
        "pciefabric journal diff before.pfj after.pfj",
        "pciefabric journal export run.pfj --pcapng run.pcapng") { CreateShow(), CreateStats(), CreateDiff(), CreateExport() };

    private static FabricCommand CreateShow()
    {
        var (file, filter) = (File(), Filter());
        var limit = new Option<int?>("--limit") { Description = "Show no more than this many messages" };
        var command = new FabricCommand("show", $"""
            Shows recorded messages, one a line: when, from whom, to whom, what.

            {FilterGrammar}
            """,
            "pciefabric journal show run.pfj --limit 20",
            "pciefabric journal show run.pfj --filter \"bdf=02:00.0 address=0x380000000000-0x3800000fffff time=10us-\"",
            "pciefabric journal show run.pfj --filter type=CplD --json") { file, filter, limit, new JsonOption() };
        command.SetAction(context => JournalShow.Run(context, context.Arguments.GetValue(file)!, FilterOf(context, filter), LimitOf(context, limit)));
        return command;
    }

    private static FabricCommand CreateStats()
    {
        var file = File();
        var command = new FabricCommand("stats", "Counts what a journal holds, and reads all of it to find damage",
            "pciefabric journal stats run.pfj",
            "pciefabric journal stats run.pfj --json") { file, new JsonOption() };
        command.SetAction(context => JournalStats.Run(context, context.Arguments.GetValue(file)!));
        return command;
    }

    private static FabricCommand CreateDiff()
    {
        var first = new Argument<string>("A") { Description = "A journal" };
        var second = new Argument<string>("B") { Description = "Another" };
        var command = new FabricCommand("diff", "Finds the first difference between two recorded runs; exit code 1 if there is one",
            "pciefabric journal diff before.pfj after.pfj",
            "pciefabric journal diff before.pfj after.pfj --json") { first, second, new JsonOption() };
        command.SetAction(context => JournalComparison.Run(context, context.Arguments.GetValue(first)!, context.Arguments.GetValue(second)!));
        return command;
    }

    private static FabricCommand CreateExport()
    {
        var (file, filter) = (File(), Filter());
        var pcapng = new Option<string>("--pcapng") { Description = "The file to write", Required = true };
        var command = new FabricCommand("export", $"""
            Writes the TLPs that travelled on links as a capture file, an interface for each direction of a link.

            A packet is a TLP as it is on the wire, in the link type USER0 (147), because Wireshark reads none that stands for PCI Express; its comment is the TLP in words.

            {FilterGrammar}
            """,
            "pciefabric journal export run.pfj --pcapng run.pcapng",
            "pciefabric journal export run.pfj --pcapng writes.pcapng --filter type=MWr32,MWr64") { file, filter, pcapng };
        command.SetAction(context => JournalExport.Run(context, context.Arguments.GetValue(file)!, FilterOf(context, filter), context.Arguments.GetValue(pcapng)!));
        return command;
    }

    private static Argument<string> File() => new("FILE") { Description = "A journal, as 'run --journal' writes it" };

    private static Option<string?> Filter() => new("--filter") { Description = "Only messages that this chooses", HelpName = "TERMS" };

    private static int LimitOf(CommandContext context, Option<int?> option) => context.Arguments.GetValue(option) switch
    {
        null => int.MaxValue,
        < 1 and var few => throw new InputException($"--limit: {few} shows nothing", "1 shows the first message"),
        { } many => many,
    };

    private static MessageFilter FilterOf(CommandContext context, Option<string?> option) => MessageFilter.Parse(context.Arguments.GetValue(option) ?? "");

    /// <summary>Opens a journal, and says on standard error if it ends early.</summary>
    public static JournalReader Open(CommandContext context, string path)
    {
        var journal = JournalReplay.Open(path);
        if (journal.IsTruncated) context.Error.WriteLine($"{journal.TruncationNotice} (what is before it is used)");
        return journal;
    }

    /// <summary>A journal that is asked for messages but has none.</summary>
    public static void WarnIfWithoutMessages(CommandContext context, JournalReader journal)
    {
        if (journal.Run.Level != JournalLevel.Messages) context.Error.WriteLine($"{journal.Name}: has digests and no messages (record with --journal-level messages)");
    }
}
