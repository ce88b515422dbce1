using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.Memory;
using PcieFabric.Tlps;

namespace PcieFabric.AddressTranslation;

/// <summary>
/// The message by which a translation agent makes a function forget translations (PCIe 6.0 section 10.3.1): MsgD routed by ID, the ITag in the low five bits of the tag, and eight bytes
/// of untranslated address and size, the highest first; bit 0 is Global Invalidate.
/// </summary>
/// <param name="Tag">ITag, 0 to 31: comes back in the completion.</param>
/// <param name="Pasid">Null for translations that were asked for without one.</param>
public readonly record struct InvalidateRequest(int Tag, AddressRange Range, uint? Pasid, bool Global = false)
{
    public const int Tags = 32;

    public Tlp ToTlp(Bdf sender, Bdf function, PayloadPool pool)
    {
        Span<byte> body = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(body, TranslationRange.Encode(Range) | (Global ? 1u : 0));
        var message = Tlp.MessageWithData(MessageRouting.ById, (byte)MessageCode.Invalidate_Request, sender, body, pool, (ushort)Tag, target: function);
        if (Pasid is { } pasid) message.SetPasid(pasid);
        return message;
    }

    /// <param name="message">An Invalidate_Request with its two DWs.</param>
    public static InvalidateRequest Of(in Tlp message)
    {
        var body = BinaryPrimitives.ReadUInt64BigEndian(message.Payload);
        return new InvalidateRequest(message.Tag & (Tags - 1), TranslationRange.Decode(body), message.HasPasid ? message.Pasid : null, (body & 1) != 0);
    }
}
