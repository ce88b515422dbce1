using PcieFabric.Cli.CommandLine;
using PcieFabric.Input;
using PcieFabric.Recording;

namespace PcieFabric.Cli.Journals;

/// <summary><c>journal export</c>: TLPs on links, for Wireshark.</summary>
internal static class JournalExport
{
    public static ExitCode Run(CommandContext context, string path, MessageFilter filter, string pcapngPath)
    {
        using var journal = JournalCommand.Open(context, path);
        JournalCommand.WarnIfWithoutMessages(context, journal);
        // Under another name until it is whole: a damaged journal must not leave half a capture behind.
        var partialPath = pcapngPath + ".partial";
        var (packets, interfaces) = (0L, new Dictionary<int, uint>());
        try
        {
            using (var file = Create(partialPath, pcapngPath))
            {
                var capture = new PcapngWriter(file, JournalRecorder.Producer);
                var recorded = new RecordedMessages(journal);
                foreach (var message in filter.Select(journal))
                {
                    if (!RecordedMessages.IsTlp(in message) || !recorded.IsLink(message.ChannelId)) continue;
                    if (!interfaces.TryGetValue(message.ChannelId, out var number))
                        interfaces.Add(message.ChannelId, number = capture.AddInterface($"{recorded.Sender(in message)} → {recorded.Receiver(in message)}"));
                    capture.AddPacket(number, message.DeliveredAtPs, message.Body.Span, recorded.Describe(in message));
                    packets++;
                }
            }
            File.Move(partialPath, pcapngPath, overwrite: true);
        }
        catch
        {
            File.Delete(partialPath);
            throw;
        }
        context.Output.WriteLine($"{pcapngPath}: {packets} TLPs on {interfaces.Count} directions of links");
        return ExitCode.Done;
    }

    private static FileStream Create(string path, string named)
    {
        FileTarget.Check(named);
        return new FileStream(path, FileMode.Create, FileAccess.Write);
    }
}
