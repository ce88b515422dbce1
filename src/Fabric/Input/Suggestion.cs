namespace PcieFabric.Input;

/// <summary>The hint for a word that is not known.</summary>
public static class Suggestion
{
    private const int MostListed = 24;

    /// <summary>
    /// <c>did you mean 'width'?</c> if a known word is near, else the known words.
    /// Near means that a third of the letters or fewer, at least one, were added, dropped, changed or swapped with their neighbour.
    /// </summary>
    public static string For(string word, IReadOnlyCollection<string> known)
    {
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            var distance = Distance(word, candidate);
            if (distance <= Math.Max(1, Math.Min(word.Length, candidate.Length) / 3) && distance < least)
                (nearest, least) = (candidate, distance);
        }
        if (nearest is not null)
            return $"did you mean '{nearest}'?";
        return known.Count switch
        {
            0 => "there is none",
            <= MostListed => $"known: {string.Join(", ", known)}",
            _ => $"known: {string.Join(", ", known.Take(MostListed))}, ...",
        };
    }

    // Optimal string alignment; three rows of the table are all that it looks back on.
    private static int Distance(string from, string to)
    {
        if (Math.Abs(from.Length - to.Length) > 8)
            return int.MaxValue;
        int[] twoBack = new int[to.Length + 1], previous = new int[to.Length + 1], current = new int[to.Length + 1];
        for (var j = 0; j <= to.Length; j++)
            previous[j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var same = char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]);
                current[j] = Math.Min(Math.Min(previous[j], current[j - 1]) + 1, previous[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    current[j] = Math.Min(current[j], twoBack[j - 2] + 1);
            }
            (twoBack, previous, current) = (previous, current, twoBack);
        }
        return previous[to.Length];
    }
}
