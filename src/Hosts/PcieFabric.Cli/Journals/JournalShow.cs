using System.Buffers;
using System.Text;
using System.Text.Json;
using PcieFabric.Cli.CommandLine;
using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Recording;
using PcieFabric.Tlps;

namespace PcieFabric.Cli.Journals;

/// <summary><c>journal show</c>: messages, one a line.</summary>
internal static class JournalShow
{
    public static ExitCode Run(CommandContext context, string path, MessageFilter filter, int limit)
    {
        using var journal = JournalCommand.Open(context, path);
        JournalCommand.WarnIfWithoutMessages(context, journal);
        var recorded = new RecordedMessages(journal);
        var shown = 0;
        foreach (var message in filter.Select(journal).Take(limit))
        {
            context.Output.WriteLine(context.Json ? Json(recorded, in message) : recorded.DescribeFully(in message));
            shown++;
        }
        // A misspelt actor looks like one to which nothing happened.
        if (shown == 0 && journal.Run.Level == JournalLevel.Messages)
            context.Error.WriteLine($"{journal.Name}: no message is chosen by the filter ('pciefabric journal stats' lists what there is)");
        return ExitCode.Done;
    }

    private static string Json(RecordedMessages recorded, in JournalMessage message)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber("timePs", message.DeliveredAtPs);
            json.WriteString("from", recorded.Sender(in message));
            json.WriteString("to", recorded.Receiver(in message));
            json.WriteNumber("channel", message.ChannelId);
            json.WriteString("kind", ((MessageKind)message.Kind).ToString());
            json.WriteNumber("detail", message.Detail);
            if (RecordedMessages.IsTlp(in message))
            {
                json.WritePropertyName("tlp");
                recorded.Decode(in message, decoded =>
                {
                    TlpJson.Write(json, in decoded.Tlp);
                    return true;
                });
            }
            else
            {
                json.WriteString("text", recorded.Describe(in message));
            }
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }
}
