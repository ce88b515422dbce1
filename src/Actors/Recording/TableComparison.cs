using PcieFabric.Engine;
using PcieFabric.Journals;

namespace PcieFabric.Recording;

/// <summary>Whether a run has the seed, the actors and the channels that a journal speaks of.</summary>
internal static class TableComparison
{
    public static Divergence? Compare(JournalReader journal, DeterministicEngine engine) =>
        Compare(journal, engine.Seed, JournalTables.Actors(engine), JournalTables.Channels(engine));

    public static Divergence? Compare(JournalReader journal, ulong seed, IReadOnlyList<string> actors, IReadOnlyList<JournalChannel> channels)
    {
        if (journal.Run.Seed != seed) return new Divergence(SimTime.Zero, "in the seed", $"{journal.Run.Seed}", $"{seed}");
        return First("actor", journal.Actors, actors, static path => path)
            ?? First("channel", journal.Channels, channels, c => $"{actors[c.Sender]} → {actors[c.Receiver]}, inlet {c.Inlet}");
    }

    private static Divergence? First<T>(string what, IReadOnlyList<T> recorded, IReadOnlyList<T> rebuilt, Func<T, string> text)
        where T : IEquatable<T>
    {
        for (var i = 0; i < Math.Max(recorded.Count, rebuilt.Count); i++)
        {
            if (i < recorded.Count && i < rebuilt.Count && recorded[i].Equals(rebuilt[i])) continue;
            return new Divergence(SimTime.Zero, $"in {what} {i} of the fabric", At(recorded), At(rebuilt));

            string At(IReadOnlyList<T> side) => i < side.Count ? text(side[i]) : $"no more {what}s";
        }
        return null;
    }
}
