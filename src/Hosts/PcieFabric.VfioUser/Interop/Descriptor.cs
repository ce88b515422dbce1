using Microsoft.Win32.SafeHandles;

namespace PcieFabric.VfioUser.Interop;

/// <summary>A file descriptor that is closed exactly once, also when nobody remembers it.</summary>
public sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor()
        : base(ownsHandle: true)
    {
    }

    /// <param name="number">Becomes ours to close, if <paramref name="owned"/>.</param>
    public Descriptor(int number, bool owned = true)
        : base(owned) => SetHandle(number);

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
