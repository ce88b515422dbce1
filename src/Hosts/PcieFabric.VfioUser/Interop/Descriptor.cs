using System.Runtime.InteropServices;

namespace PcieFabric.VfioUser.Interop;

/// <summary>A file descriptor that is closed exactly once, also when nobody remembers it.</summary>
public sealed class Descriptor : SafeHandle
{
    public Descriptor()
        : base(-1, ownsHandle: true)
    {
    }

    /// <param name="number">Becomes ours to close, if <paramref name="owned"/>.</param>
    public Descriptor(int number, bool owned = true)
        : base(-1, owned) => SetHandle(number);

    /// <summary>A system call that fails returns -1 in 32 bits; the other half of the handle may be anything then.</summary>
    public override bool IsInvalid => (int)handle < 0;

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
