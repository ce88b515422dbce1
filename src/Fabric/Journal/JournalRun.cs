namespace PcieFabric.Journals;

/// <summary>A file that a run was made from.</summary>
/// <param name="Name">As it was asked for; other sources name it so.</param>
public sealed record JournalSource(string Name, string Text);

/// <summary>What was recorded, and by whom: the first block of a journal.</summary>
/// <param name="Producer">Name and version of the program that recorded it.</param>
/// <param name="Subject">What the sources say how to make.</param>
/// <param name="DigestIntervalPs">The length of the intervals at whose ends digests are kept, in picoseconds.</param>
/// <param name="DigestWindowPs">How much of each interval, from its start, digests are taken of, in picoseconds.</param>
/// <param name="Sources">What the run is made from again, the experiment or the topology first; empty where the fabric was built by a program.</param>
/// <param name="Overrides">Values that were set over the sources, as they were written.</param>
public sealed record JournalRun(string Producer, ulong Seed, JournalSubject Subject, JournalLevel Level, long DigestIntervalPs, long DigestWindowPs, IReadOnlyList<JournalSource> Sources, IReadOnlyList<string> Overrides)
{
    internal void Write(BlockBody to)
    {
        to.Add(Producer);
        to.AddFixed(Seed);
        to.Add((int)Subject);
        to.Add((int)Level);
        to.Add((ulong)DigestIntervalPs);
        to.Add((ulong)DigestWindowPs);
        to.Add(Sources.Count);
        foreach (var source in Sources)
        {
            to.Add(source.Name);
            to.Add(source.Text);
        }
        to.Add(Overrides.Count);
        foreach (var one in Overrides) to.Add(one);
    }

    internal static JournalRun Read(BlockCursor from)
    {
        var producer = from.NextText();
        var seed = from.NextFixed();
        var subject = (JournalSubject)from.NextInt32((int)JournalSubject.AttachedHierarchy);
        var level = (JournalLevel)from.NextInt32((int)JournalLevel.Messages);
        var (digestIntervalPs, digestWindowPs) = ((long)from.Next(), (long)from.Next());
        var sources = new List<JournalSource>();
        for (var left = from.NextInt32(Limits.MaxJournalSources); left > 0; left--) sources.Add(new JournalSource(from.NextText(), from.NextText()));
        var overrides = new List<string>();
        for (var left = from.NextInt32(Limits.MaxJournalOverrides); left > 0; left--) overrides.Add(from.NextText());
        return new JournalRun(producer, seed, subject, level, digestIntervalPs, digestWindowPs, sources, overrides);
    }
}
