using PcieFabric.Engine;
using PcieFabric.Memory;

namespace PcieFabric.Recording;

/// <summary>What one of several partitions has delivered since the last turn, in order. Its memory is kept from turn to turn.</summary>
internal sealed class MessageLog
{
    private readonly PayloadPool _payloads = new();
    private (int ChannelId, Message Message)[] _messages = new (int, Message)[1 << 8];
    private int _end;
    private int _at;

    public bool IsEmpty => _at == _end;

    /// <summary>Of the first message; only when there is one.</summary>
    public (long DeliveredAtPs, int ChannelId) First => (_messages[_at].Message.DeliveredAtPs, _messages[_at].ChannelId);

    public void Add(ref readonly Message message, int channelId)
    {
        if (_end == _messages.Length) Array.Resize(ref _messages, _messages.Length * 2);
        ref var kept = ref _messages[_end++];
        kept = (channelId, message);
        if (message.CarriesTlp) kept.Message.Tlp.MovePayload(_payloads);
    }

    /// <summary>Gives the first message to a sink, and forgets it.</summary>
    public void GiveFirst(RunSink sink)
    {
        ref var first = ref _messages[_at++];
        sink.Message(in first.Message, first.ChannelId);
        if (first.Message.CarriesTlp) first.Message.Tlp.Release(_payloads);
        if (IsEmpty) _at = _end = 0;
    }
}
