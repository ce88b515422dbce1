using System.Buffers.Binary;
using PcieFabric.Addressing;
using PcieFabric.Memory;

namespace PcieFabric.Tlps;

/// <summary>
/// TLPs as bytes on the wire, non-flit mode: PASID prefix, header, payload, ECRC, byte 0 first, as protocol analysers and the AER header
/// log show them (PCIe 6.0 section 2.2). Reserved bits are sent as zero and ignored when received. The data link layer's
/// framing, sequence number and LCRC are not part of it.
/// </summary>
public static partial class TlpCodec
{
    /// <summary>A header has three or four DW.</summary>
    public const int MaxHeaderBytes = 16;

    private const int PrefixBytes = 4;
    private const byte PasidPrefix = 0x91;

    /// <summary>The length of the TLP on the wire, in bytes: 12 to <see cref="Limits.MaxTlpBytes"/>.</summary>
    public static int EncodedBytes(in Tlp tlp) =>
        (tlp.HasPasid ? PrefixBytes : 0) + HeaderBytes(tlp) + tlp.PayloadBytes + (tlp.HasDigest ? Ecrc.SizeBytes : 0);

    /// <param name="wire">At least <see cref="EncodedBytes"/> long.</param>
    /// <returns>The bytes written.</returns>
    public static int Encode(in Tlp tlp, Span<byte> wire)
    {
        var end = EncodePrefixAndHeader(in tlp, wire);
        tlp.Payload.CopyTo(wire[end..]);
        end += tlp.PayloadBytes;
        if (!tlp.HasDigest) return end;
        BinaryPrimitives.WriteUInt32LittleEndian(wire[end..], Ecrc.Compute(wire[..end], tlp.HasPasid ? PrefixBytes : 0));
        return end + Ecrc.SizeBytes;
    }

    /// <summary>The header alone, without prefixes, as the AER header log keeps it.</summary>
    /// <param name="wire">At least <see cref="MaxHeaderBytes"/> long.</param>
    /// <returns>12 or 16.</returns>
    public static int EncodeHeader(in Tlp tlp, Span<byte> wire)
    {
        BinaryPrimitives.WriteUInt32BigEndian(wire, CommonDw(tlp));
        BinaryPrimitives.WriteUInt32BigEndian(wire[4..], SecondDw(tlp));
        if (tlp.HasFourDwHeader) BinaryPrimitives.WriteUInt64BigEndian(wire[8..], AddressBytes(tlp));
        else BinaryPrimitives.WriteUInt32BigEndian(wire[8..], ThirdDw(tlp));
        return HeaderBytes(tlp);
    }

    /// <summary>Reads exactly one TLP. The fields may still break rules, which <see cref="TlpRules"/> judges.</summary>
    /// <param name="pool">Takes the payload; on success the caller owns the TLP.</param>
    /// <returns>False with the reason in <paramref name="error"/>; then nothing was taken from the pool.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> wire, PayloadPool pool, out Tlp tlp, out TlpDecodeError error)
    {
        if (!TryDecode(wire, out tlp, out var payload, out error)) return false;
        if (tlp.HasData) wire.Slice(payload, tlp.PayloadBytes).CopyTo(tlp.AllocatePayload(pool));
        return true;
    }

    /// <inheritdoc cref="TryDecode(ReadOnlySpan{byte}, PayloadPool, out Tlp, out TlpDecodeError)"/>
    /// <param name="to">Takes the payload, if it is too long for the TLP itself, as <see cref="Tlp.MovePayload"/> does. Room for <see cref="Limits.MaxPayloadBytes"/>.</param>
    public static unsafe bool TryDecode(ReadOnlySpan<byte> wire, byte* to, out Tlp tlp, out TlpDecodeError error)
    {
        if (!TryDecode(wire, out tlp, out var payload, out error)) return false;
        if (tlp.HasData) wire.Slice(payload, tlp.PayloadBytes).CopyTo(tlp.PlacePayload(to));
        return true;
    }

    /// <summary>Reads all but the payload.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> wire, out Tlp tlp, out int payload, out TlpDecodeError error)
    {
        payload = 0;
        var header = 0;
        var fault = SkipPrefixes(wire, ref header);
        if (fault != TlpDecodeFault.None) return Fail(fault, fault == TlpDecodeFault.TruncatedHeader ? wire.Length : header, out tlp, out error);
        if (!IsDefined(wire[header])) return Fail(TlpDecodeFault.UndefinedType, header, out tlp, out error);
        if (wire.Length < header + HeaderBytes(wire[header])) return Fail(TlpDecodeFault.TruncatedHeader, wire.Length, out tlp, out error);

        Tlp.ReadHeader(wire[header..], out tlp);
        payload = header + HeaderBytes(tlp);
        var end = payload + tlp.PayloadBytes;
        if (wire.Length < end) return Fail(TlpDecodeFault.TruncatedPayload, wire.Length, out tlp, out error);
        if (tlp.HasDigest)
        {
            if (wire.Length < end + Ecrc.SizeBytes) return Fail(TlpDecodeFault.TruncatedDigest, wire.Length, out tlp, out error);
            if (BinaryPrimitives.ReadUInt32LittleEndian(wire[end..]) != Ecrc.Compute(wire[..end], header)) return Fail(TlpDecodeFault.EcrcMismatch, end, out tlp, out error);
            end += Ecrc.SizeBytes;
        }
        if (wire.Length > end) return Fail(TlpDecodeFault.TrailingBytes, end, out tlp, out error);
        if (header != 0) ReadPrefix(wire, ref tlp);
        error = default;
        return true;
    }

    private static void ReadPrefix(ReadOnlySpan<byte> wire, ref Tlp tlp)
    {
        var prefix = BinaryPrimitives.ReadUInt32BigEndian(wire);
        tlp.SetPasid(prefix & 0xFFFFF, executeRequested: (prefix & 1u << 22) != 0, privilegedMode: (prefix & 1u << 23) != 0);
    }

    private static TlpDecodeFault SkipPrefixes(ReadOnlySpan<byte> wire, ref int offset)
    {
        while (true)
        {
            if (offset >= wire.Length) return TlpDecodeFault.TruncatedHeader;
            if (wire[offset] >> 5 != 0b100) return TlpDecodeFault.None;
            if (wire[offset] != PasidPrefix) return TlpDecodeFault.UnsupportedPrefix;
            if (offset != 0) return TlpDecodeFault.RepeatedPrefix;
            offset += PrefixBytes;
        }
    }

    private static bool Fail(TlpDecodeFault fault, int byteOffset, out Tlp tlp, out TlpDecodeError error)
    {
        tlp = default;
        error = new TlpDecodeError(fault, byteOffset);
        return false;
    }

    private static int HeaderBytes(in Tlp tlp) => HeaderBytes(tlp.FmtType);

    private static int HeaderBytes(byte fmtType) => (fmtType & 0x20) != 0 ? 16 : 12;

    private static bool IsDefined(byte fmtType) =>
        (fmtType & 0xB8) == (byte)TlpType.Msg || fmtType is
            (byte)TlpType.MRd32 or (byte)TlpType.MRd64 or (byte)TlpType.MRdLk32 or (byte)TlpType.MRdLk64
            or (byte)TlpType.MWr32 or (byte)TlpType.MWr64 or (byte)TlpType.DMWr32 or (byte)TlpType.DMWr64
            or (byte)TlpType.IORd or (byte)TlpType.IOWr
            or (byte)TlpType.CfgRd0 or (byte)TlpType.CfgWr0 or (byte)TlpType.CfgRd1 or (byte)TlpType.CfgWr1
            or (byte)TlpType.Cpl or (byte)TlpType.CplD or (byte)TlpType.CplLk or (byte)TlpType.CplDLk
            or (byte)TlpType.FetchAdd32 or (byte)TlpType.FetchAdd64 or (byte)TlpType.Swap32 or (byte)TlpType.Swap64
            or (byte)TlpType.CAS32 or (byte)TlpType.CAS64;

    /// <summary>PCIe 6.0 section 6.20.2.1: 1001_0001b, PMR, ER, two reserved bits, PASID.</summary>
    private static uint PasidPrefixOf(in Tlp tlp) =>
        (uint)PasidPrefix << 24 | Bit(tlp.PasidPrivilegedMode, 23) | Bit(tlp.PasidExecuteRequested, 22) | tlp.Pasid;

    /// <summary>Bytes 0 to 3 (PCIe 6.0 figure 2-5): Fmt Type | T9 TC T8 A2 LN TH | TD EP Attr AT | Length; 1024 DW are sent as zero.</summary>
    private static uint CommonDw(in Tlp tlp)
    {
        var tagHigh = HintsTakeTag(tlp) ? 0u : (uint)tlp.Tag >> 8;
        return (uint)tlp.FmtType << 24
            | (tagHigh & 2) << 22 | (uint)tlp.TrafficClass << 20 | (tagHigh & 1) << 19
            | Bit(tlp.IdBasedOrdering, 18) | Bit(HasHints(tlp), 16)
            | Bit(tlp.HasDigest, 15) | Bit(tlp.IsPoisoned, 14)
            | Bit(tlp.RelaxedOrdering, 13) | Bit(tlp.NoSnoop, 12) | (uint)tlp.AddressType << 10
            | (uint)tlp.LengthDw & 0x3FF;
    }

    /// <summary>Bytes 4 to 7: Completer ID, status, BCM, byte count of a completion; otherwise Requester ID, tag, and byte enables or message code.</summary>
    private static uint SecondDw(in Tlp tlp)
    {
        if (tlp.IsCompletion)
            return (uint)tlp.Completer.Value << 16 | (uint)tlp.Status << 13 | Bit(tlp.ByteCountModified, 12) | (uint)tlp.ByteCount & 0xFFF;
        var tag = HintsTakeTag(tlp) ? tlp.SteeringTag : (uint)tlp.Tag & 0xFF;
        var last = tlp.IsMessage ? tlp.MessageCode
            : HasHints(tlp) && !tlp.IsMemoryWrite ? tlp.SteeringTag
            : tlp.IsAtomic ? 0u
            : (uint)tlp.LastBe << 4 | tlp.FirstBe;
        return (uint)tlp.Requester.Value << 16 | tag << 8 | last;
    }

    private static uint ThirdDw(in Tlp tlp)
    {
        if (tlp.IsCompletion) return (uint)tlp.Requester.Value << 16 | ((uint)tlp.Tag & 0xFF) << 8 | tlp.LowerAddress;
        if (tlp.IsConfiguration) return (uint)tlp.Target.Value << 16 | (uint)tlp.RegisterOffset & 0xFFC;
        return (uint)AddressBytes(tlp);
    }

    private static ulong AddressBytes(in Tlp tlp)
    {
        if (!tlp.IsMessage) return tlp.Address & ~3ul | (HasHints(tlp) ? tlp.ProcessingHint : tlp.NoWrite ? 1ul : 0ul);
        return tlp.Routing == MessageRouting.ById ? (ulong)tlp.Target.Value << 48 | tlp.MessageHeader : tlp.MessageHeader;
    }

    private static bool HasHints(in Tlp tlp) => tlp.HasProcessingHints && tlp.IsMemoryRequest;

    private static bool HintsTakeTag(in Tlp tlp) => tlp.HasProcessingHints && tlp.IsMemoryWrite;

    private static uint Bit(bool value, int position) => value ? 1u << position : 0;
}
