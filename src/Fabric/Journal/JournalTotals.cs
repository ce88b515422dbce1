namespace PcieFabric.Journals;

/// <summary>What stands at the end of a finished journal.</summary>
/// <param name="Messages">Messages that the run delivered, whether kept or not.</param>
/// <param name="LastPs">Time of the last of them, in picoseconds.</param>
/// <param name="Digest">Over the digests of all actors, in the order of spawning.</param>
public sealed record JournalTotals(long Messages, long LastPs, ulong Digest)
{
    internal void Write(BlockBody to)
    {
        to.Add((ulong)Messages);
        to.Add((ulong)LastPs);
        to.AddFixed(Digest);
    }

    internal static JournalTotals Read(BlockCursor from) => new((long)from.Next(), (long)from.Next(), from.NextFixed());
}
