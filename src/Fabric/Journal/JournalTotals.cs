namespace PcieFabric.Journals;

/// <summary>What stands at the end of a finished journal.</summary>
/// <param name="Messages">Messages that the run delivered, whether kept or not.</param>
/// <param name="LastPs">Time of the last of them, or the end of the run if it was given one, in picoseconds.</param>
/// <param name="Digest">Over the last digests of all actors, in the order of spawning.</param>
public sealed record JournalTotals(long Messages, long LastPs, ulong Digest)
{
    internal const int SizeBytes = 3 * sizeof(ulong);

    internal void Write(BlockBody to)
    {
        to.AddFixed((ulong)Messages);
        to.AddFixed((ulong)LastPs);
        to.AddFixed(Digest);
    }

    internal static JournalTotals Read(BlockCursor from) => new((long)from.NextFixed(), (long)from.NextFixed(), from.NextFixed());
}
