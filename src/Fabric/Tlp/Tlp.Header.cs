using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PcieFabric.Tlps;

public partial struct Tlp
{
    /// <summary>What the packet says beside its payload, and nothing of where that happens to lie: equal in equal packets, and short to compare.</summary>
    internal readonly Vector256<ulong> HeaderWords =>
        Unsafe.ReadUnaligned<Vector256<ulong>>(ref Unsafe.As<Tlp, byte>(ref Unsafe.AsRef(in this))) & Vector256.Create(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, uint.MaxValue);
}
