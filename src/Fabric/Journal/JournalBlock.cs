namespace PcieFabric.Journals;

/// <summary>A block in a file.</summary>
/// <param name="Offset">Of its header, in bytes.</param>
public readonly record struct JournalBlock(BlockHeader Header, long Offset)
{
    /// <summary>The first byte behind it.</summary>
    public long End => Offset + BlockHeader.SizeBytes + Header.BodyBytes;

    public override string ToString() => $"block {Header.Index} ({Header.Kind.ToString().ToLowerInvariant()}, bytes {Offset} to {End - 1})";
}
