using PcieFabric.Engine;

namespace PcieFabric.Recording;

/// <summary>A message's body as a journal keeps it: of a TLP the bytes of the wire, of anything else its bytes without the zeros at the end.</summary>
internal static class MessageBody
{
    public const int MaxBytes = Limits.MaxTlpBytes;

    /// <returns>The bytes written.</returns>
    public static int Encode(ref readonly Message message, Span<byte> body)
    {
        if (message.CarriesTlp) return TlpCodec.Encode(in message.Tlp, body);
        var bytes = message.Read<Bytes>();
        ReadOnlySpan<byte> all = bytes;
        var used = all.LastIndexOfAnyExcept((byte)0) + 1;
        all[..used].CopyTo(body);
        return used;
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
