using PcieFabric.Input;

namespace PcieFabric.Topologies;

/// <summary>
/// Selects paths: <c>*</c> stands for any characters within one component, <c>**</c> as a whole component for any number of
/// components, none included. <c>host0/**/fn0</c> is every function 0 below <c>host0</c>.
/// </summary>
public sealed record PathPattern(string Text, SourceLocation? Source = null)
{
    private readonly string[] _components = Text.Split('/');

    public bool Matches(string path) => Matches(_components, path.Split('/'));

    public bool Equals(PathPattern? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text);

    public override string ToString() => Text;

    // One row of the match table at a time, so that no pattern can make it exponential.
    private static bool Matches(string[] pattern, string[] path)
    {
        var reached = new bool[path.Length + 1];
        reached[0] = true;
        foreach (var component in pattern)
        {
            var next = new bool[path.Length + 1];
            if (component == "**")
            {
                next[0] = reached[0];
                for (var i = 1; i <= path.Length; i++)
                    next[i] = reached[i] || next[i - 1];
            }
            else
            {
                for (var i = 1; i <= path.Length; i++)
                    next[i] = reached[i - 1] && ComponentMatches(component, path[i - 1]);
            }
            reached = next;
        }
        return reached[^1];
    }

    // Greedy with one point of return: the last star. That suffices, because an earlier star never needs to take more.
    private static bool ComponentMatches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }
}
