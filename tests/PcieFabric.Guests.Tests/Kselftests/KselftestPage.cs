namespace PcieFabric.Guests.Tests.Kselftests;

/// <summary>What <c>docs/kselftest.md</c> says that the kernel's cases come to on a controller.</summary>
internal static class KselftestPage
{
    public const string Hangs = "HANG";

    /// <returns>Cases in the kernel's order, each <c>pass</c>, <c>skip ERRNO</c>, <c>FAIL ERRNO</c> or <see cref="Hangs"/>.</returns>
    public static IReadOnlyList<(string Case, string Outcome)> Of(string controller)
    {
        var outcomes = new List<(string, string)>();
        var column = -1;
        foreach (var cells in Repository.Read("docs/kselftest.md").Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Split('|', StringSplitOptions.TrimEntries)))
        {
            if (cells[1] == "case") column = Array.IndexOf(cells, controller);
            else if (column >= 0 && cells[1].Contains('.', StringComparison.Ordinal)) outcomes.Add((cells[1], cells[column]));
        }
        Assert.Equal(23, outcomes.Count);
        return outcomes;
    }
}
