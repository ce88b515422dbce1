using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>What one partition has delivered since the last turn, in order. Its memory is kept from turn to turn.</summary>
internal sealed class MessageLog
{
    private static readonly int HeadBytes = Marshal.SizeOf<Head>();

    private byte[] _bytes = new byte[1 << 16];
    private int _end;
    private int _at;

    private readonly record struct Head(long DeliveredAtPs, int ChannelId, uint Detail, ushort Kind, ushort BodyBytes);

    public bool IsEmpty => _at == _end;

    /// <summary>Of the first message; only when there is one.</summary>
    public (long DeliveredAtPs, int ChannelId) First
    {
        get
        {
            var head = MemoryMarshal.Read<Head>(_bytes.AsSpan(_at));
            return (head.DeliveredAtPs, head.ChannelId);
        }
    }

    public void Add(ref readonly Message message, int channelId)
    {
        if (_bytes.Length - _end < HeadBytes + MessageBody.MaxBytes) Array.Resize(ref _bytes, _bytes.Length * 2);
        var body = MessageBody.Encode(in message, _bytes.AsSpan(_end + HeadBytes));
        MemoryMarshal.Write(_bytes.AsSpan(_end), new Head(message.DeliveredAtPs, channelId, message.Detail, (ushort)message.Kind, (ushort)body));
        _end += HeadBytes + body;
    }

    /// <summary>Takes the first message. Its body is valid until something is added.</summary>
    public JournalMessage Take()
    {
        var head = MemoryMarshal.Read<Head>(_bytes.AsSpan(_at));
        var body = _bytes.AsMemory(_at + HeadBytes, head.BodyBytes);
        _at += HeadBytes + head.BodyBytes;
        if (IsEmpty) _at = _end = 0;
        return new JournalMessage(head.DeliveredAtPs, head.ChannelId, head.Kind, head.Detail, body);
    }
}
