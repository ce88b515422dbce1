using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcieFabric.Journals;

namespace PcieFabric.Tlps;

public partial struct Tlp
{
    private const int HeaderBytes = 32;

    /// <summary>Adds what the packet says, and nothing of where its payload happens to lie.</summary>
    public readonly void AddTo(ref Digest digest)
    {
        ref readonly var words = ref Unsafe.As<Tlp, ulong>(ref Unsafe.AsRef(in this));
        for (var i = 0; i < HeaderBytes / sizeof(ulong); i++) digest.Add(Unsafe.Add(ref Unsafe.AsRef(in words), i));
        if (HasData) digest.Add(Payload);
    }
}
