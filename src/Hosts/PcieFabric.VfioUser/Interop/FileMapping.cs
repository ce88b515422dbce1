using System.Runtime.InteropServices;

namespace PcieFabric.VfioUser.Interop;

/// <summary>A piece of a file in our address space, until disposed of. Reaching beyond the end of the file kills the process: see <see cref="CannotShrink"/>.</summary>
internal sealed unsafe class FileMapping : SafeHandle
{
    private readonly nuint _size;

    private FileMapping(nint address, nuint size)
        : base(-1, ownsHandle: true)
    {
        _size = size;
        SetHandle(address);
    }

    public override bool IsInvalid => handle == -1;

    public byte* Base => (byte*)handle;

    public static Errno Create(Descriptor file, long offset, long size, bool readable, bool writable, out FileMapping? mapping)
    {
        var protection = (readable ? Libc.ProtectRead : 0) | (writable ? Libc.ProtectWrite : 0);
        var address = Libc.Map(0, (nuint)size, protection, Libc.MapShared, file, offset);
        mapping = address == -1 ? null : new FileMapping(address, (nuint)size);
        return address == -1 ? Libc.LastError : Errno.None;
    }

    /// <summary>
    /// Whether nobody can cut the file shorter any more. Memory files can be sealed so, and QEMU seals those of <c>memory-backend-memfd</c>; where
    /// the owner left it open, we seal it.
    /// </summary>
    public static bool CannotShrink(Descriptor file)
    {
        var seals = Libc.Control(file, Libc.GetSeals, 0);
        return seals >= 0 && ((seals & Libc.SealShrink) != 0 || Libc.Control(file, Libc.AddSeals, Libc.SealShrink) == 0);
    }

    protected override bool ReleaseHandle() => Libc.Unmap(handle, _size) == 0;
}
