using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Enumeration;

/// <summary>Draws of a property test. The seed is printed; PCIEFABRIC_SEED sets another.</summary>
internal static class SeededRandom
{
    private const int DefaultSeed = 20_260_713;

    public static Random Create(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PCIEFABRIC_SEED"), out var given) ? given : DefaultSeed;
        output.WriteLine($"seed {seed}; set PCIEFABRIC_SEED to draw otherwise");
        return new Random(seed);
    }
}
