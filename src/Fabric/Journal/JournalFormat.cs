namespace PcieFabric.Journals;

/// <summary>What is fixed of a journal's bytes; docs/journal.md shows the whole.</summary>
internal static class JournalFormat
{
    /// <summary>A reader of this version reads this version alone: a run is repeated by the build that recorded it, or not at all.</summary>
    public const int Version = 2;

    public const int PreambleBytes = 16;

    /// <summary>
    /// The first eight bytes. As in PNG, a byte that is no ASCII, both kinds of line end and the end-of-file character of old tools tell a
    /// journal from a text, and show that one was copied as if it were text.
    /// </summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'F', (byte)'J', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];
}
