using System.Numerics;
using PcieFabric.Links;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Links;

public class WireClockTests(ITestOutputHelper output)
{
    [Fact]
    public void APacketTakesItsBytesAtTheRate()
    {
        var wire = new WireClock(new LinkSettings { Generation = LinkGeneration.Gen1, Width = LinkWidth.X1, DllpMode = DllpMode.None });
        wire.Transmit(1_000, 28, out var start, out var end);
        Assert.Equal((1_000, 1_000 + 28 * 4_000, 1_000 + 28 * 4_000), (start, end, wire.FreeAtPs));
    }

    [Fact]
    public void APacketWaitsForTheOneBeforeIt()
    {
        var wire = new WireClock(8e9);
        wire.Transmit(0, 100, out _, out var first);
        wire.Transmit(40, 10, out var start, out var end);
        Assert.Equal((first, first + 10_000), (start, end));
        wire.Transmit(1_000_000, 1, out start, out end);
        Assert.Equal((1_000_000, 1_001_000), (start, end));
    }

    [Fact]
    public void AStreamReachesTheClosedFormOnEveryLink()
    {
        for (var generation = 1; generation <= 6; generation++)
            foreach (var lanes in new[] { 1, 2, 4, 8, 16, 32 })
                foreach (var mps in new[] { 128, 256, 512, 4096 })
                {
                    var settings = new LinkSettings { Generation = new(generation), Width = new(lanes), MaxPayloadSize = mps };
                    var wire = new WireClock(settings);
                    const int Packets = 10_000;
                    for (var packet = 0; packet < Packets; packet++) wire.Transmit(0, 24 + mps, out _, out _);
                    var expected = EffectiveBandwidth.Of(settings).Write(mps);
                    var reached = 8.0 * mps * Packets / new SimTime(wire.FreeAtPs).Seconds;
                    Assert.InRange(reached / expected, 1 - 1e-7, 1 + 1e-7);
                }
    }

    [Fact]
    public void SmallPacketsLoseNothingToRounding()
    {
        // 7.93 ps a byte: rounding each 8-byte DLLP to a picosecond would cost half a percent.
        var wire = new WireClock(new LinkSettings { Generation = LinkGeneration.Gen5, Width = LinkWidth.X32, DllpMode = DllpMode.None });
        for (var packet = 0; packet < 1024; packet++) wire.Transmit(0, 8, out _, out _);
        Assert.Equal(8 * 8125, wire.FreeAtPs);
    }

    [Fact]
    public void ATrainTakesTheTimeOfItsPackets()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 100; round++)
        {
            var rate = 1e9 * (1 + random.Next(1_000_000)) / 1000;
            var (one, train) = (new WireClock(rate), new WireClock(rate));
            var bytes = 0;
            for (var packet = 0; packet < 500; packet++)
            {
                var size = random.Next(1, 4125);
                bytes += size;
                one.Transmit(0, size, out _, out _);
            }
            train.Transmit(0, bytes, out _, out _);
            Assert.Equal(one.FreeAtPs, train.FreeAtPs);
        }
    }

    [Fact]
    public void TheSlowestLinkAndTheLongestTrainDoNotOverflow()
    {
        const long Day106Ps = 106L * 24 * 3600 * 1_000_000_000_000;
        var slowest = new WireClock(1e6);
        slowest.Transmit(0, int.MaxValue, out _, out var end);
        Assert.Equal(int.MaxValue * 8_000_000L, end);
        var wire = new WireClock(new LinkSettings());
        wire.Transmit(Day106Ps, 4124, out var start, out end);
        Assert.Equal(Day106Ps, start);
        Assert.InRange(end - start, 560_000, 580_000);
    }

    [Fact]
    public void ManyPacketsAtRandomTimesAgreeWithExactArithmetic()
    {
        var random = TestSeed.Random(output);
        // Gen6 x8 without DLLPs is 16000/968 ps a byte, which no binary fraction holds.
        var wire = new WireClock(new LinkSettings { Generation = LinkGeneration.Gen6, DllpMode = DllpMode.None });
        var (free, now) = (BigInteger.Zero, 0L);
        for (var packet = 0; packet < 100_000; packet++)
        {
            now += random.Next(0, 5_000);
            var size = random.Next(8, 300);
            var nowExact = (BigInteger)now * 968;
            if (now > wire.FreeAtPs) free = nowExact;
            free += (BigInteger)size * 16_000;
            wire.Transmit(now, size, out _, out var end);
            Assert.InRange((double)(free - (BigInteger)end * 968) / 968, -0.01, 1.01);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ARateThatIsNoneIsRefused(double bitsPerSecond) => Assert.Throws<ArgumentOutOfRangeException>(() => new WireClock(bitsPerSecond));
}
