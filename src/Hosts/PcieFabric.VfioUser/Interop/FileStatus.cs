using System.Buffers.Binary;

namespace PcieFabric.VfioUser.Interop;

/// <summary>What the system knows of a file. Read with <c>statx</c>, whose structure is the same on every processor, unlike that of <c>stat</c>.</summary>
internal readonly record struct FileStatus(int Mode, uint Owner, ulong Inode, ulong Device, long SizeBytes)
{
    private const int CurrentDirectory = -100, DoNotFollowLinks = 0x100, EmptyPath = 0x1000;
    private const uint BasicStatistics = 0x7ff;
    private const int StructureBytes = 256;
    private const int TypeBits = 0xf000, RegularFile = 0x8000, SocketFile = 0xc000, PermissionBits = 0x1ff;

    public bool IsRegularFile => (Mode & TypeBits) == RegularFile;

    public bool IsSocket => (Mode & TypeBits) == SocketFile;

    public int Permissions => Mode & PermissionBits;

    /// <summary>Null if there is nothing; a link is what it points to only if <paramref name="follow"/>.</summary>
    public static unsafe FileStatus? Of(string path, bool follow)
    {
        var structure = stackalloc byte[StructureBytes];
        return Libc.Statx(CurrentDirectory, path, follow ? 0 : DoNotFollowLinks, BasicStatistics, structure) == 0 ? Read(structure) : null;
    }

    public static unsafe FileStatus? Of(Descriptor file)
    {
        var structure = stackalloc byte[StructureBytes];
        return Libc.Statx(file, "", EmptyPath, BasicStatistics, structure) == 0 ? Read(structure) : null;
    }

    /// <summary>Whether a file has huge pages, which cannot be written but through a mapping (<c>fs/hugetlbfs/inode.c</c>).</summary>
    public static unsafe bool IsOfHugePages(Descriptor file)
    {
        const int StructureLongs = 32;
        const long HugePages = 0x958458f6;
        var structure = stackalloc long[StructureLongs];
        return Libc.FileSystemStatus(file, structure) == 0 && structure[0] == HugePages;
    }

    private static unsafe FileStatus Read(byte* structure)
    {
        var bytes = new ReadOnlySpan<byte>(structure, StructureBytes);
        return new(
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[136..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]));
    }
}
