using PcieFabric.EndpointControllers;
using PcieFabric.NonTransparentBridges;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.NonTransparentBridges;

public sealed class NtbDoorbellsTests(ITestOutputHelper output)
{
    [Fact]
    public void SoftwareIsToldOfABitWhenItGetsSetAndNotAgainUntilItIsCleared()
    {
        var told = new List<ulong>();
        var doorbells = new NtbDoorbells(0b1111) { Rang = told.Add };
        doorbells.Ring(0b0001);
        doorbells.Ring(0b0011);
        doorbells.Clear(0b0001);
        doorbells.Ring(0b0001);
        Assert.Equal([0b0001ul, 0b0010, 0b0001], told);
        Assert.Equal(0b0011ul, doorbells.Read());
        Assert.Equal((4, 1), (doorbells.Rings, doorbells.Merged));
    }

    [Fact]
    public void AMaskedBitIsSetInSilenceAndToldOfOnceUnmasked()
    {
        var told = new List<ulong>();
        var doorbells = new NtbDoorbells(0b1111) { Rang = told.Add };
        doorbells.SetMask(0b0110);
        doorbells.Ring(0b0111);
        doorbells.Ring(0b0010);
        Assert.Equal([0b0001ul], told);
        doorbells.ClearMask(0b1010);
        Assert.Equal([0b0001ul, 0b0010], told);
        doorbells.Clear(0b0100);
        doorbells.ClearMask(0b0100);
        Assert.Equal(2, told.Count);
    }

    [Fact]
    public void BitsThatAreNoDoorbellsAreRefusedAndIgnored()
    {
        var doorbells = new NtbDoorbells(0b11);
        doorbells.Ring(0b110);
        Assert.Equal((0b10ul, 1), (doorbells.Read(), doorbells.Rings));
        Assert.Equal([Errno.EINVAL, Errno.EINVAL, Errno.EINVAL], [doorbells.Clear(4), doorbells.SetMask(4), doorbells.ClearMask(4)]);
    }

    [Fact]
    public async Task WhoWaitsGoesOnAtTheFirstBitThatItWaitsForAndWhenThePortCloses()
    {
        var doorbells = new NtbDoorbells(0b11);
        doorbells.Ring(0b01);
        Assert.Equal(0b01ul, await doorbells.WaitAsync(0b11));
        var second = doorbells.WaitAsync(0b10);
        await Assert.ThrowsAsync<InvalidOperationException>(() => doorbells.WaitAsync(0b01));
        Assert.False(second.IsCompleted);
        doorbells.Ring(0b11);
        Assert.Equal(0b10ul, await second);
        doorbells.Clear(0b11);
        var last = doorbells.WaitAsync(0b11);
        doorbells.Close();
        Assert.Equal(0ul, await last);
    }

    /// <summary>Against what the comment says, bit by bit.</summary>
    [Fact]
    public void EveryBitIsToldOfExactlyWhenItGetsSetUnmaskedOrUnmaskedSet()
    {
        var random = TestSeed.Random(output);
        const int Bits = 12;
        var told = new long[Bits];
        var doorbells = new NtbDoorbells((1ul << Bits) - 1)
        {
            Rang = bits =>
            {
                for (var i = 0; i < Bits; i++) told[i] += (long)(bits >> i & 1);
            },
        };
        var (set, masked, expected) = (new bool[Bits], new bool[Bits], new long[Bits]);
        for (var step = 0; step < 20_000; step++)
        {
            var bit = random.Next(Bits);
            switch (random.Next(4))
            {
                case 0:
                    doorbells.Ring(1ul << bit);
                    if (!set[bit] && !masked[bit]) expected[bit]++;
                    set[bit] = true;
                    break;
                case 1:
                    doorbells.Clear(1ul << bit);
                    set[bit] = false;
                    break;
                case 2:
                    doorbells.SetMask(1ul << bit);
                    masked[bit] = true;
                    break;
                default:
                    doorbells.ClearMask(1ul << bit);
                    if (set[bit] && masked[bit]) expected[bit]++;
                    masked[bit] = false;
                    break;
            }
            Assert.Equal(set[bit], (doorbells.Read() >> bit & 1) != 0);
        }
        Assert.Equal(expected, told);
    }
}
