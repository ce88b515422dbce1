using System.Runtime.InteropServices;
using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>A message's body as a journal keeps it: of a TLP the bytes of the wire, of anything else its bytes without the zeros at the end.</summary>
internal static class MessageBody
{
    public const int MaxBytes = Limits.MaxTlpBytes;

    public static MessageHead HeadOf(ref readonly Message message, int channelId) => new(message.DeliveredAtPs, channelId, (ushort)message.Kind, message.Detail);

    /// <returns>The bytes written.</returns>
    public static int Encode(ref readonly Message message, Span<byte> body)
    {
        if (message.CarriesTlp) return TlpCodec.Encode(in message.Tlp, body);
        var bytes = OfNoTlp(in message);
        bytes.CopyTo(body);
        return bytes.Length;
    }

    /// <summary>The body of a message that carries no TLP, where it stands.</summary>
    public static ReadOnlySpan<byte> OfNoTlp(ref readonly Message message)
    {
        var all = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in message.Tlp, 1));
        return all[..(all.LastIndexOfAnyExcept((byte)0) + 1)];
    }

    /// <param name="pool">Takes the payload of a TLP.</param>
    /// <exception cref="InvalidDataException">The bytes are no TLP.</exception>
    public static Message Decode(MessageKind kind, uint detail, ReadOnlySpan<byte> body, PayloadPool pool)
    {
        if (IsTlp(kind))
        {
            if (!TlpCodec.TryDecode(body, pool, out var tlp, out var error)) throw new InvalidDataException($"no TLP: {error}");
            return Message.Of(in tlp, detail) with { Kind = kind };
        }
        var bytes = default(Bytes);
        body.CopyTo(bytes);
        return Message.Of(kind, bytes) with { Detail = detail };
    }

    public static bool IsTlp(MessageKind kind) => new Message { Kind = kind }.CarriesTlp;

    [System.Runtime.CompilerServices.InlineArray(Message.BodyBytes)]
    private struct Bytes
    {
        private byte _first;
    }
}
