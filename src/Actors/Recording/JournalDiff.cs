using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Compares two journals.</summary>
public static class JournalDiff
{
    /// <summary>The first difference between two runs; null if there is none. The seed and the tables come first, then messages, or else digests.</summary>
    /// <remarks>A journal that ends early is compared up to its end, if it is the <paramref name="first"/>.</remarks>
    public static Divergence? Compare(JournalReader first, JournalReader second)
    {
        if (TableComparison.Compare(first, second.Run.Seed, second.Actors, second.Channels) is { } difference) return difference;
        if (first.Run.Level == JournalLevel.Messages && second.Run.Level == JournalLevel.Messages)
        {
            using var messages = new MessageComparison(first, first.Messages(), until: null);
            foreach (var message in second.Messages())
            {
                if (messages.IsOver || messages.Divergence is not null) break;
                messages.Compare(in message);
            }
            messages.Finish();
            return messages.Divergence;
        }
        if ((first.Run.DigestIntervalPs, first.Run.DigestWindowPs) != (second.Run.DigestIntervalPs, second.Run.DigestWindowPs)) return Totals(first, second);
        var digests = new DigestComparison(first, until: null);
        foreach (var block in second.Blocks.Where(b => b.Header.Kind == BlockKind.Digests))
            digests.Digests(block.Header.FromPs, block.Header.ToPs, [.. second.Digests(block)]);
        digests.Finish();
        return digests.Divergence;
    }

    private static Divergence? Totals(JournalReader first, JournalReader second) => first.Totals == second.Totals
        ? null
        : new Divergence(new SimTime(first.Totals?.LastPs ?? 0), "in the totals (the intervals of their digests are not the same)", $"{first.Totals}", $"{second.Totals}");
}
