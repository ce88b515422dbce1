using System.Buffers.Binary;

namespace PcieFabric.Tlps;

/// <summary>A TLP's prefix and header, and its data, apart: for who keeps the data once and the headers that it travels under beside it.</summary>
public static partial class TlpCodec
{
    internal const int MaxPrefixAndHeaderBytes = PrefixBytes + MaxHeaderBytes;

    /// <summary>All that stands before the payload.</summary>
    /// <param name="wire">At least <see cref="MaxPrefixAndHeaderBytes"/> long.</param>
    /// <returns>The bytes written.</returns>
    internal static int EncodePrefixAndHeader(in Tlp tlp, Span<byte> wire)
    {
        if (!tlp.HasPasid) return EncodeHeader(in tlp, wire);
        BinaryPrimitives.WriteUInt32BigEndian(wire, PasidPrefixOf(tlp));
        return PrefixBytes + EncodeHeader(in tlp, wire[PrefixBytes..]);
    }

    /// <returns>How many of the bytes are prefix and header; zero if they end before.</returns>
    internal static int PrefixAndHeaderBytes(ReadOnlySpan<byte> wire)
    {
        var prefix = PrefixBytesOf(wire);
        if (wire.Length <= prefix) return 0;
        var size = prefix + HeaderBytes(wire[prefix]);
        return wire.Length < size ? 0 : size;
    }

    /// <summary>A packet of one TLP's prefix and header and another's payload; with an ECRC of its own where the header says that one follows.</summary>
    /// <returns>Null if the other one is cut, or has no such payload as the header speaks of.</returns>
    internal static byte[]? WithDataOf(ReadOnlySpan<byte> prefixAndHeader, ReadOnlySpan<byte> other)
    {
        var start = PrefixAndHeaderBytes(other);
        if (start == 0) return null;
        var payloadBytes = other.Length - start - (HasDigest(other) ? Ecrc.SizeBytes : 0);
        var end = prefixAndHeader.Length + payloadBytes;
        if (payloadBytes != PayloadBytes(prefixAndHeader)) return null;
        var wire = new byte[end + (HasDigest(prefixAndHeader) ? Ecrc.SizeBytes : 0)];
        prefixAndHeader.CopyTo(wire);
        other.Slice(start, payloadBytes).CopyTo(wire.AsSpan(prefixAndHeader.Length));
        if (wire.Length > end) BinaryPrimitives.WriteUInt32LittleEndian(wire.AsSpan(end), Ecrc.Compute(wire.AsSpan(0, end), PrefixBytesOf(wire)));
        return wire;
    }

    /// <summary>Reads prefix and header of a TLP whose payload is elsewhere.</summary>
    /// <param name="payload">Where, which is not looked at.</param>
    /// <returns>False if that is not what the bytes are, or the TLP has no payload, or has it itself.</returns>
    public static unsafe bool TryDecodeHeader(ReadOnlySpan<byte> prefixAndHeader, byte* payload, out Tlp tlp)
    {
        tlp = default;
        var header = 0;
        if (SkipPrefixes(prefixAndHeader, ref header) != TlpDecodeFault.None || !IsDefined(prefixAndHeader[header])) return false;
        if (prefixAndHeader.Length != header + HeaderBytes(prefixAndHeader[header])) return false;
        Tlp.ReadHeader(prefixAndHeader[header..], out tlp);
        if (header != 0) ReadPrefix(prefixAndHeader, ref tlp);
        tlp.PlacePayload(payload);
        return tlp.HasLongPayload;
    }

    /// <summary>Whether bytes start with a TLP's prefix and header as <see cref="Encode"/> writes them: reading ignores what is reserved.</summary>
    public static bool StartsWithHeaderOf(ReadOnlySpan<byte> wire, in Tlp tlp)
    {
        Span<byte> header = stackalloc byte[MaxPrefixAndHeaderBytes];
        return wire.StartsWith(header[..EncodePrefixAndHeader(in tlp, header)]);
    }

    private static int PrefixBytesOf(ReadOnlySpan<byte> wire) => wire.Length > 0 && wire[0] == PasidPrefix ? PrefixBytes : 0;

    /// <summary>TD, bit 15 of the common DW.</summary>
    private static bool HasDigest(ReadOnlySpan<byte> wire) => (wire[PrefixBytesOf(wire) + 2] & 0x80) != 0;

    private static int PayloadBytes(ReadOnlySpan<byte> wire)
    {
        Tlp.ReadHeader(wire[PrefixBytesOf(wire)..], out var tlp);
        return tlp.PayloadBytes;
    }
}
