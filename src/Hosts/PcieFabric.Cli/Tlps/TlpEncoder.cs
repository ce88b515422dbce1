using PcieFabric.Memory;
using PcieFabric.Tlps;

namespace PcieFabric.Cli.Tlps;

/// <summary>JSON lines into hex: <c>pciefabric tlp encode</c>.</summary>
internal static class TlpEncoder
{
    internal static void WriteHex(IEnumerable<InputLine> lines, TextWriter output)
    {
        using var depot = new PayloadDepot();
        var pool = new PayloadPool(depot);
        var wire = new byte[Limits.MaxTlpBytes];
        foreach (var line in lines)
        {
            var tlp = TlpJsonReader.Read(line.Text, line.Location, pool);
            output.WriteLine(Convert.ToHexStringLower(wire.AsSpan(0, TlpCodec.Encode(tlp, wire))));
            tlp.Release(pool);
        }
    }
}
