using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Tlps;

/// <summary>The seed of a test that draws at random: fixed, or what <c>PCIEFABRIC_SEED</c> says; printed either way.</summary>
internal static class TestSeed
{
    internal static Random Begin(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PCIEFABRIC_SEED"), out var chosen) ? chosen : 20260601;
        output.WriteLine($"seed {seed} (set PCIEFABRIC_SEED for another)");
        return new Random(seed);
    }
}
