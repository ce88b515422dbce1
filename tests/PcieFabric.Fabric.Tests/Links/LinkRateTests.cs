using PcieFabric.Input;
using PcieFabric.Links;

namespace PcieFabric.Fabric.Tests.Links;

public class LinkRateTests
{
    [Theory]
    [InlineData(1, 2.0000, 32.000)]
    [InlineData(2, 4.0000, 64.000)]
    [InlineData(3, 7.8769, 126.031)]
    [InlineData(4, 15.7538, 252.062)]
    [InlineData(5, 31.5077, 504.123)]
    [InlineData(6, 60.5000, 968)]
    public void EveryGenerationHasItsPublishedRate(int generation, double laneGbps, double x16Gbps)
    {
        Assert.Equal(laneGbps, LinkRate.RawBitsPerSecond(new(generation), LinkWidth.X1) / 1e9, 4);
        Assert.Equal(x16Gbps, LinkRate.RawBitsPerSecond(new(generation), LinkWidth.X16) / 1e9, 3);
    }

    [Theory]
    [InlineData(1, 4000)]
    [InlineData(2, 2000)]
    [InlineData(3, 1000)]
    [InlineData(4, 500)]
    [InlineData(5, 250)]
    [InlineData(6, 125)]
    public void ASymbolIsTenBitTimesWith8b10bAndEightAbove(int generation, int picoseconds) =>
        Assert.Equal(picoseconds, LinkRate.SymbolTimePs(new(generation)));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(-3)]
    [InlineData(259)]
    public void ThereIsNoOtherGeneration(int number)
    {
        var error = Assert.Throws<InputException>(() => new LinkGeneration(number));
        Assert.Equal($"there is no link generation {number} (generations are 1 to 6)", error.Line);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(64)]
    [InlineData(-8)]
    public void ThereIsNoOtherWidth(int lanes)
    {
        var error = Assert.Throws<InputException>(() => new LinkWidth(lanes));
        Assert.Equal($"there is no link width x{lanes} (widths are 1, 2, 4, 8, 16 and 32 lanes)", error.Line);
    }

    [Fact]
    public void GenerationsAndWidthsSayWhatTheyAre()
    {
        Assert.Equal("gen5 x16", $"{LinkGeneration.Gen5} {LinkWidth.X16}");
        Assert.Equal("gen1 x1", $"{default(LinkGeneration)} {default(LinkWidth)}");
        Assert.True(LinkGeneration.Gen3 < LinkGeneration.Gen4);
        Assert.True(LinkWidth.X16 > LinkWidth.X8);
        for (var number = 1; number <= 6; number++) Assert.Equal(number, new LinkGeneration(number).Number);
        foreach (var lanes in new[] { 1, 2, 4, 8, 16, 32 }) Assert.Equal(lanes, new LinkWidth(lanes).Lanes);
    }
}
