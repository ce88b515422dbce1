namespace PcieFabric.Journals;

/// <summary>What is fixed of a journal's bytes; docs/journal.md shows the whole.</summary>
public static class JournalFormat
{
    /// <summary>A reader of this version reads this version alone: a run is repeated by the build that recorded it, or not at all.</summary>
    public const int Version = 4;

    public const int PreambleBytes = 16;

    /// <summary>Totals and the place of the index, all of fixed size, so that the end of a journal is found from the end of the file.</summary>
    public const int EndBytes = JournalTotals.SizeBytes + sizeof(ulong);

    /// <summary>
    /// The first eight bytes. As in PNG, a byte that is no ASCII, both kinds of line end and the end-of-file character of old tools tell a
    /// journal from a text, and show that one was copied as if it were text.
    /// </summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'F', (byte)'J', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>A block of messages ends once it has this many bytes: small enough to skip and to lose, large enough that TLPs whose way leads across its end weigh nothing.</summary>
    public const int MessageBlockBytes = 256 << 10;

    /// <summary>A block of inputs ends once it has this many bytes, unpacked.</summary>
    public const int InputBlockBytes = 64 << 10;

    /// <summary>
    /// A record refers to a payload that came at most so many payloads before: a host that writes megabytes ahead of its link has its TLPs once all the same, and who
    /// begins to read in the middle reads no further back.
    /// </summary>
    public const int PayloadsInReach = 1 << 14;

    /// <summary>The index grows while recording goes on; up to this many bytes, the headers of some 350 megabytes of messages, without taking memory anew.</summary>
    public const int ExpectedIndexBytes = 64 << 10;
}
