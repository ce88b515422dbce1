using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PcieFabric.Journals;

namespace PcieFabric.Tlps;

public partial struct Tlp
{
    private const int HeaderBytes = 32;

    /// <summary>What the packet says beside its payload: equal in equal packets, and short to compare.</summary>
    internal readonly Vector256<ulong> HeaderWords => Unsafe.ReadUnaligned<Vector256<ulong>>(ref Unsafe.As<Tlp, byte>(ref Unsafe.AsRef(in this)));

    /// <summary>Adds what the packet says, and nothing of where its payload happens to lie.</summary>
    public readonly void AddTo(ref Digest digest)
    {
        ref readonly var words = ref Unsafe.As<Tlp, ulong>(ref Unsafe.AsRef(in this));
        for (var i = 0; i < HeaderBytes / sizeof(ulong); i++) digest.Add(Unsafe.Add(ref Unsafe.AsRef(in words), i));
        if (HasData) digest.Add(Payload);
    }
}
