using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Links;

/// <summary>The seed of a property test: printed, and set with the environment variable PCIEFABRIC_TEST_SEED to see a failure again.</summary>
internal static class PropertySeed
{
    private const int Default = 20180820;

    public static Random Generator(ITestOutputHelper output)
    {
        var seed = Environment.GetEnvironmentVariable("PCIEFABRIC_TEST_SEED") is { Length: > 0 } text ? int.Parse(text) : Default;
        output.WriteLine($"PCIEFABRIC_TEST_SEED={seed}");
        return new Random(seed);
    }
}
