using System.Runtime.Intrinsics;
using PcieFabric.Tlps;

namespace PcieFabric.Journals;

/// <summary>Fingerprints of TLPs.</summary>
public static class TlpDigest
{
    /// <summary>Adds what the packet says, and nothing of where its payload happens to lie.</summary>
    public static void AddTo(this in Tlp tlp, ref Digest digest)
    {
        var header = tlp.HeaderWords;
        for (var i = 0; i < Vector256<ulong>.Count; i++) digest.Add(header.GetElement(i));
        if (tlp.HasData) digest.Add(tlp.Payload);
    }
}
