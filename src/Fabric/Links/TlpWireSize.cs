using System.Runtime.CompilerServices;
using PcieFabric.Tlps;

namespace PcieFabric.Links;

/// <summary>What a TLP takes on the wire, in bytes.</summary>
public static class TlpWireSize
{
    /// <summary>Framing (2 bytes), sequence number (2) and LCRC (4), counted alike for all generations as the published model does.</summary>
    public const int FramingBytes = 8;

    private const int ThreeDwHeaderBytes = 12;
    private const int DwBytes = 4;

    /// <summary>Framing, prefixes, header, payload in whole DWs, ECRC (PCIe 6.0 sections 2.2 and 3.6).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bytes(in Tlp tlp) =>
        FramingBytes + ThreeDwHeaderBytes
        + (tlp.HasFourDwHeader ? DwBytes : 0)
        + (tlp.HasPasid ? DwBytes : 0)
        + tlp.PayloadBytes
        + (tlp.HasDigest ? DwBytes : 0);
}
