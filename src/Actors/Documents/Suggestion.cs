using PcieFabric.Input;

namespace PcieFabric.Documents;

/// <summary>The hint for a word that is not among those that are known: the nearest of them, or else all of them.</summary>
internal static class Suggestion
{
    private const int MostListed = 24;

    public static string For(string word, IReadOnlyCollection<string> known) => DidYouMean.For(word, known) ?? known.Count switch
    {
        0 => "there is none",
        <= MostListed => $"known: {string.Join(", ", known)}",
        _ => $"known: {string.Join(", ", known.Take(MostListed))}, ...",
    };
}
