using System.Buffers.Binary;

namespace PcieFabric.Journals;

/// <summary>
/// What stands before each block: enough to skip it, and two checksums, so that a flipped byte in the length cannot pass as a cut file.
/// </summary>
/// <param name="Index">Blocks count from zero.</param>
/// <param name="FromPs">The first time that the block speaks of, and <paramref name="ToPs"/> the last, in picoseconds.</param>
/// <param name="FirstPayload">Of messages: how many payloads have had a number before, so the number of the first that the block itself has.</param>
/// <param name="BodyChecksum"><see cref="Crc32C.OfQuarters"/> of the body.</param>
public readonly record struct BlockHeader(BlockKind Kind, int Index, int BodyBytes, int Records, long FromPs, long ToPs, long FirstPayload, uint BodyChecksum)
{
    internal const int SizeBytes = 48;

    private const int ChecksumOffset = SizeBytes - sizeof(uint);

    internal void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Index);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], BodyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], Records);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], FromPs);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], ToPs);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], FirstPayload);
        BinaryPrimitives.WriteUInt32LittleEndian(to[40..], BodyChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksumOffset..], Crc32C.Of(to[..ChecksumOffset]));
    }

    /// <returns>False if the checksum does not fit.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> from, out BlockHeader header)
    {
        header = new BlockHeader(
            (BlockKind)BinaryPrimitives.ReadUInt32LittleEndian(from),
            BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[40..]));
        return BinaryPrimitives.ReadUInt32LittleEndian(from[ChecksumOffset..]) == Crc32C.Of(from[..ChecksumOffset]);
    }
}
