using PcieFabric.Engine;
using PcieFabric.Journals;
using PcieFabric.Ports;

namespace PcieFabric.Recording;

/// <summary>Turns the messages of one journal into what people and programs ask about them. Not thread-safe.</summary>
/// <param name="journal">Open for as long as this is used.</param>
public sealed class RecordedMessages(JournalReader journal)
{
    private readonly PayloadPool _pool = new();
    private HashSet<(int Sender, int Receiver)>? _linked;

    public string Sender(in JournalMessage message) => journal.Actors[journal.Channels[message.ChannelId].Sender];

    public string Receiver(in JournalMessage message) => journal.Actors[journal.Channels[message.ChannelId].Receiver];

    /// <summary>The message is a TLP, on a link or inside a component.</summary>
    public static bool IsTlp(in JournalMessage message) => MessageBody.IsTlp((MessageKind)message.Kind);

    /// <summary>Whether a channel is a direction of a link, where a protocol analyser could sit; all others are inside components.</summary>
    public bool IsLink(int channelId)
    {
        var channel = journal.Channels[channelId];
        _linked ??= [.. journal.Channels.Where(c => c.Inlet == BridgePort.LinkInlet && c.Sender != c.Receiver).Select(c => (c.Sender, c.Receiver))];
        return channel.Inlet == BridgePort.LinkInlet && _linked.Contains((channel.Sender, channel.Receiver)) && _linked.Contains((channel.Receiver, channel.Sender));
    }

    /// <summary>The message as its receiver got it.</summary>
    /// <param name="pool">Takes the payload of a TLP.</param>
    /// <exception cref="InvalidDataException">The bytes are no TLP.</exception>
    public static Message Decode(in JournalMessage message, PayloadPool pool) => MessageBody.Decode((MessageKind)message.Kind, message.Detail, message.Body.Span, pool);

    /// <summary>Calls with the message decoded, which is valid during the call.</summary>
    public T Decode<T>(in JournalMessage message, Func<Message, T> use)
    {
        var decoded = Decode(in message, _pool);
        try
        {
            return use(decoded);
        }
        finally
        {
            if (IsTlp(in message)) decoded.Tlp.Release(_pool);
        }
    }

    /// <summary>What the message says, in one line.</summary>
    public string Describe(in JournalMessage message)
    {
        try
        {
            return Decode(in message, static decoded => MessageText.Describe(in decoded));
        }
        catch (InvalidDataException)
        {
            return $"{(MessageKind)message.Kind} that cannot be decoded: {Convert.ToHexStringLower(message.Body.Span)}";
        }
    }

    /// <summary>When, from whom, to whom, what: <c>1.25 us  a/b → c/d  MRd64 ...</c></summary>
    public string DescribeFully(in JournalMessage message) =>
        $"{new SimTime(message.DeliveredAtPs)}  {Sender(in message)} → {Receiver(in message)}  {Describe(in message)}";
}
