using PcieFabric.Input;
using PcieFabric.Memory;
using PcieFabric.Tlps;

namespace PcieFabric.Cli.Tlps;

/// <summary>Hex lines into TLPs: <c>pciefabric tlp decode</c>.</summary>
internal static class TlpDecoder
{
    /// <summary>One JSON object a line.</summary>
    internal static void WriteJson(IEnumerable<InputLine> lines, TextWriter output)
    {
        using var depot = new PayloadDepot();
        var pool = new PayloadPool(depot);
        foreach (var line in lines)
        {
            var tlp = Decode(line, pool);
            output.WriteLine(TlpJson.Format(tlp));
            tlp.Release(pool);
        }
    }

    /// <summary>One table a TLP.</summary>
    internal static void WriteTables(IEnumerable<InputLine> lines, TextWriter output)
    {
        using var depot = new PayloadDepot();
        var pool = new PayloadPool(depot);
        foreach (var line in lines)
        {
            var tlp = Decode(line, pool);
            TlpTable.Write(tlp, output);
            tlp.Release(pool);
        }
    }

    /// <exception cref="InputException">Not hex, or no TLP.</exception>
    private static Tlp Decode(InputLine line, PayloadPool pool)
    {
        var hex = HexText.Parse(line.Text, line.Location);
        if (TlpCodec.TryDecode(hex.Bytes, pool, out var tlp, out var error)) return tlp;
        throw new InputException(error.ToString(), HintFor(error.Fault, line.Location), hex.LocationOf(error.ByteOffset));
    }

    private static string? HintFor(TlpDecodeFault fault, SourceLocation at) => fault switch
    {
        TlpDecodeFault.TruncatedHeader when at.File == "argument" => "a header has 12 or 16 bytes; quote a TLP that is written with spaces",
        TlpDecodeFault.TruncatedHeader => "a header has 12 or 16 bytes",
        TlpDecodeFault.TruncatedPayload => "the Length field counts DWs; a header log has no payload",
        TlpDecodeFault.TruncatedDigest => "TD is set: four bytes of ECRC follow the payload",
        TlpDecodeFault.TrailingBytes => "one TLP a line, without framing and LCRC",
        TlpDecodeFault.UndefinedType => "the first byte holds Fmt and Type; is the byte order right?",
        TlpDecodeFault.EcrcMismatch => "clear TD (byte 2, bit 7) and leave out the digest to see the fields",
        _ => null,
    };
}
