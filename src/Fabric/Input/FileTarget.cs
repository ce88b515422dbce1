using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PcieFabric.Input;

/// <summary>
/// A place where a person wants a file that is there as a whole or not at all. Such a file gets its name at the end, in place of what has it, so
/// what has it must be a file too: a device, a pipe or a link (<c>/dev/stdout</c> is one) would be gone, for everybody on the machine.
/// </summary>
public static partial class FileTarget
{
    private const int CurrentDirectory = -100;
    private const int DoNotFollowLinks = 0x100;
    private const uint TypeAndMode = 0x3;
    private const int StatBytes = 256;
    private const int OffsetOfMode = 28;
    private const int TypeBits = 0xf000;
    private const int RegularFile = 0x8000;

    /// <summary>Returns if nothing is at <paramref name="path"/>, or a regular file.</summary>
    /// <exception cref="InputException">Something else is there.</exception>
    public static void Check(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path)) throw new InputException($"'{path}' is a directory", "name a file in it");
        Span<byte> stat = stackalloc byte[StatBytes];
        if (Statx(CurrentDirectory, path, DoNotFollowLinks, TypeAndMode, ref MemoryMarshal.GetReference(stat)) != 0) return;
        if ((BinaryPrimitives.ReadUInt16LittleEndian(stat[OffsetOfMode..]) & TypeBits) != RegularFile)
            throw new InputException($"'{path}' is a link, a device or a pipe, which the file would replace", "name a file");
    }

    // Unlike stat, its structure is the same on every processor.
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte stat);
}
