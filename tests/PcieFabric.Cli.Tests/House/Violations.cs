namespace PcieFabric.Cli.Tests.House;

/// <summary>Fails with every violation of a rule in full, a line each, so that one run shows all there is to mend.</summary>
internal static class Violations
{
    public static void None(IEnumerable<string> violations)
    {
        var found = violations.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
