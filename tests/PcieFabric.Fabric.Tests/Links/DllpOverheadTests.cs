using PcieFabric.Links;

namespace PcieFabric.Fabric.Tests.Links;

public class DllpOverheadTests
{
    [Fact]
    public void AckLimitsAreThePublishedOnes() => Assert.All(PublishedModel.AckLimits, row =>
    {
        for (var column = 0; column < 3; column++)
            Assert.Equal(row[2 + column], DllpOverhead.AckLimit(new((int)row[0]), new((int)row[1]), 128 << column));
    });

    [Fact]
    public void RatesLeftForTlpsAreThePublishedOnes() => Assert.All(PublishedModel.TlpRates, row =>
    {
        var (generation, width) = (new LinkGeneration((int)row[0]), new LinkWidth((int)row[1]));
        for (var column = 0; column < 4; column++)
        {
            var rate = LinkRate.RawBitsPerSecond(generation, width) * DllpOverhead.TlpRateFactor(generation, width, 128 << column);
            Assert.Equal(row[2 + column], rate / 1e9, 4);
        }
    });

    [Fact]
    public void AckLimitsInTimeFollowTheSymbolTime()
    {
        Assert.Equal(237 * 4000, DllpOverhead.AckLimitPs(LinkGeneration.Gen1, LinkWidth.X1, 128));
        Assert.Equal(203 * 1000, DllpOverhead.AckLimitPs(LinkGeneration.Gen3, LinkWidth.X8, 256));
        Assert.Equal(203 * 250, DllpOverhead.AckLimitPs(LinkGeneration.Gen5, LinkWidth.X8, 256));
    }

    [Fact]
    public void RealDllpsLeaveTheirShareToTheWireAndNoneLeavesItAll()
    {
        Assert.Equal(1 - 4.0 / 1538, DllpOverhead.RateFactor(DllpMode.Real, LinkGeneration.Gen3, LinkWidth.X8, 256));
        Assert.Equal(1, DllpOverhead.RateFactor(DllpMode.None, LinkGeneration.Gen3, LinkWidth.X8, 256));
        Assert.Equal(1 - 16.0 / 203 - 4.0 / 1538, DllpOverhead.RateFactor(DllpMode.RateFactor, LinkGeneration.Gen3, LinkWidth.X8, 256), 12);
    }
}
