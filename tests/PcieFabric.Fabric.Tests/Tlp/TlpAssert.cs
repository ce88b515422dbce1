using System.Runtime.InteropServices;
using PcieFabric.Tlps;

namespace PcieFabric.Fabric.Tests.Tlps;

internal static class TlpAssert
{
    /// <summary>Behind them stand where the payload is, and which one it is.</summary>
    private const int HeaderFieldBytes = 28;

    /// <summary>Every stored bit of the two headers, shared storage included, and the payloads. Where the payload lives may differ.</summary>
    internal static bool AreSame(Tlp left, Tlp right) =>
        Fields(ref left).SequenceEqual(Fields(ref right)) && left.Payload.SequenceEqual(right.Payload);

    internal static void Same(in Tlp expected, in Tlp actual) =>
        Assert.True(AreSame(expected, actual), $"{expected}\nis not\n{actual}");

    private static ReadOnlySpan<byte> Fields(ref Tlp tlp) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref tlp, 1))[..HeaderFieldBytes];
}
