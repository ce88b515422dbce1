using System.Buffers.Binary;
using PcieFabric.Addressing;

namespace PcieFabric.Tlps;

public partial struct Tlp
{
    /// <summary>
    /// Reads a header of a defined type, without prefixes, into place. Each byte is put together before it is stored, and nothing is copied: what was stored bit by bit makes the
    /// processor wait when it is read as part of more, which took four fifths of the time.
    /// </summary>
    internal static void ReadHeader(ReadOnlySpan<byte> wire, out Tlp tlp)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(wire);
        var second = BinaryPrimitives.ReadUInt32BigEndian(wire[4..]);
        tlp = default;
        tlp._fmtType = (byte)(first >> 24);
        tlp._lengthDw = LengthIn(first, in tlp);
        var hasHints = tlp.IsMemoryRequest && (first & 1 << 16) != 0;
        tlp._attributes = (byte)(first >> 20 & TrafficClassMask | first >> 9 & (NoSnoopBit | RelaxedOrderingBit) | first >> 13 & IdBasedOrderingBit
            | (hasHints ? HintsBit : 0u) | first >> 8 & DigestBit);
        var flags = first >> 14 & PoisonedBit | (first >> 10 & 3) << AddressTypeShift;
        var tagHigh = first >> 14 & 0x200 | first >> 11 & 0x100;
        if (tlp.IsCompletion)
        {
            var third = BinaryPrimitives.ReadUInt32BigEndian(wire[8..]);
            tlp._otherId = new Bdf((ushort)(second >> 16));
            tlp._detail = (byte)(second >> 13 & 7 | second >> 9 & 8);
            tlp._byteCount = (ushort)((second & 0xFFF) == 0 ? Limits.MaxPayloadBytes : second & 0xFFF);
            tlp._requester = new Bdf((ushort)(third >> 16));
            tlp._tag = (ushort)(tagHigh | third >> 8 & 0xFF);
            tlp._lowerAddress = (byte)(third & 0x7F);
            tlp._flags = (byte)flags;
            return;
        }
        tlp._requester = new Bdf((ushort)(second >> 16));
        tlp._tag = (ushort)(tagHigh | second >> 8 & 0xFF);
        tlp._detail = (byte)second;
        if (tlp.IsMessage)
        {
            var header = BinaryPrimitives.ReadUInt64BigEndian(wire[8..]);
            var isById = tlp.Routing == MessageRouting.ById;
            tlp._otherId = new Bdf((ushort)(isById ? header >> 48 : 0));
            tlp._address = isById ? header & 0x0000_FFFF_FFFF_FFFF : header;
        }
        else if (tlp.IsConfiguration)
        {
            var third = BinaryPrimitives.ReadUInt32BigEndian(wire[8..]);
            tlp._otherId = new Bdf((ushort)(third >> 16));
            tlp._address = third & 0xFFC;
        }
        else
        {
            var address = tlp.HasFourDwHeader ? BinaryPrimitives.ReadUInt64BigEndian(wire[8..]) : BinaryPrimitives.ReadUInt32BigEndian(wire[8..]);
            tlp._address = address & ~3ul;
            if (hasHints) flags |= tlp.ReadHints(second, (uint)address & 3);
            else if (tlp.IsAtomic) tlp._detail = 0;
            else if (tlp.IsMemoryRead && (AddressType)(flags >> AddressTypeShift & 3) == AddressType.TranslationRequest) flags |= ((uint)address & 1) << HintShift;
        }
        tlp._flags = (byte)flags;
    }

    /// <summary>
    /// The steering tag displaces the tag of a write, and otherwise the byte enables, all of which it implies (PCIe 6.0 sections 2.2.5 and 2.2.7.1.1).
    /// </summary>
    /// <returns>The processing hint, as flags have it.</returns>
    private uint ReadHints(uint second, uint processingHint)
    {
        if (IsMemoryWrite)
        {
            _lowerAddress = (byte)(second >> 8);
            _tag = 0;
        }
        else
        {
            _lowerAddress = (byte)second;
            _detail = (byte)(IsAtomic ? 0 : _lengthDw > 1 ? 0xFF : 0x0F);
        }
        return processingHint << HintShift;
    }

    private static ushort LengthIn(uint first, in Tlp kind)
    {
        if (!kind.HasData && (kind.IsCompletion || kind.IsMessage)) return 0;
        var length = first & 0x3FF;
        return (ushort)(length == 0 ? Limits.MaxPayloadBytes / 4 : length);
    }
}
