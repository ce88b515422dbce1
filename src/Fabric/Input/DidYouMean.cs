namespace PcieFabric.Input;

/// <summary>Turns a misspelt word into a hint, from the words that would have been understood.</summary>
public static class DidYouMean
{
    /// <summary>Longest word that is compared, in characters; nobody mistypes a longer one, and the cost is quadratic.</summary>
    private const int LongestWord = 64;

    /// <summary>
    /// The phrase <c>did you mean 'link'?</c>, or null where no candidate is near: at most one edit in three characters,
    /// where an edit inserts, drops or replaces a character or swaps two neighbours. The first of equally near candidates wins.
    /// </summary>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        string? nearest = null;
        var fewest = Math.Max(1, word.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            if (word.Length > LongestWord || candidate.Length > LongestWord)
                continue;
            var edits = EditsBetween(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (edits < fewest)
                (nearest, fewest) = (candidate, edits);
        }

        return nearest is null ? null : $"did you mean '{nearest}'?";
    }

    private static int EditsBetween(string from, string to)
    {
        var edits = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }

                var replaced = edits[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, 1 + Math.Min(edits[i - 1, j], edits[i, j - 1]));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], 1 + edits[i - 2, j - 2]);
            }
        }

        return edits[from.Length, to.Length];
    }
}
