using System.Globalization;
using Xunit.Abstractions;

namespace PcieFabric.Tests;

/// <summary>The seed of a test that draws at random: fixed, or what <c>PCIEFABRIC_SEED</c> says; printed either way, so that a failure can be seen again.</summary>
internal static class TestSeed
{
    private const int Default = 20260601;

    public static int Of(ITestOutputHelper output, int fallback = Default)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PCIEFABRIC_SEED"), out var given) ? given : fallback;
        output.WriteLine($"seed {seed}; PCIEFABRIC_SEED sets another");
        return seed;
    }

    /// <summary>How many a test draws, or what a variable of the environment says.</summary>
    public static int Count(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    public static Random Random(ITestOutputHelper output) => new(Of(output));

    public static uint NextDword(this Random random) => (uint)random.NextInt64(1L << 32);
}
