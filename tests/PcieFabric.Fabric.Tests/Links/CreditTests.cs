using PcieFabric.Addressing;
using PcieFabric.Links;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Links;

public class CreditTests(ITestOutputHelper output)
{
    private static readonly CreditLimits Small = new(new(4, 16), new(3, 8), new(2, 16));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 1)]
    [InlineData(17, 2)]
    [InlineData(256, 16)]
    [InlineData(4096, 256)]
    public void ADataCreditIsSixteenBytesOfPayload(int bytes, int credits)
    {
        using var depot = new PayloadDepot();
        var write = Tlp.MemoryWrite(new Bdf(0), 0, new byte[bytes], new PayloadPool(depot));
        Assert.Equal(credits, CreditCounter.DataCredits(write));
    }

    [Fact]
    public void ARequestWithoutPayloadTakesNoDataCredits() =>
        Assert.Equal(0, CreditCounter.DataCredits(Tlp.MemoryRead(new Bdf(0), 0, 0, 4096)));

    [Fact]
    public void CreditsThatAreAddedAtOnceMakeTheBatchesThatTheyMakeOneByOne()
    {
        var random = TestSeed.Random(output);
        for (var i = 0; i < 20_000; i++)
        {
            var largest = random.Next(1, 32);
            var threshold = new CreditThreshold(new CreditLimit(random.Next(200), random.Next(4) == 0 ? 0 : random.Next(largest, 400)), largest, random.Next(1, 4));
            var (times, headers, data) = (random.Next(500), random.Next(1, 4), random.Next(40));
            var (before, oneByOne) = (default(CreditBatch), new List<(int, int)>());
            for (var j = random.Next(60); j > 0; j--)
                if (before.Add(1, random.Next(20), in threshold))
                    before.Take(out _, out _);
            var (batch, atOnce) = (before, before);
            for (var j = 0; j < times; j++)
            {
                if (!batch.Add(headers, data, in threshold)) continue;
                batch.Take(out var dueHeaders, out var dueData);
                oneByOne.Add((dueHeaders, dueData));
            }
            var followed = atOnce.Add(times, headers, data, in threshold, out var first, out var each);
            var expected = first.IsEmpty ? [] : Enumerable.Repeat((each.Headers, each.Data), followed).Prepend((first.Headers, first.Data));
            Assert.Equal(expected, oneByOne);
            Assert.Equal((batch.Headers, batch.Data), (atOnce.Headers, atOnce.Data));
        }
    }

    [Fact]
    public void EachClassHasCreditsOfItsOwn()
    {
        var credits = new CreditCounter(Small);
        Assert.True(credits.TryConsume(FlowControlClass.Posted, 16));
        Assert.False(credits.TryConsume(FlowControlClass.Posted, 1));
        Assert.True(credits.TryConsume(FlowControlClass.Posted, 0));
        Assert.True(credits.TryConsume(FlowControlClass.NonPosted, 8));
        Assert.True(credits.TryConsume(FlowControlClass.Completion, 8));
        Assert.True(credits.TryConsume(FlowControlClass.Completion, 8));
        Assert.False(credits.CanConsume(FlowControlClass.Completion, 0));
        Assert.True(credits.CanConsume(FlowControlClass.NonPosted, 0));
    }

    [Fact]
    public void ARefusedTlpTakesNothing()
    {
        var credits = new CreditCounter(Small);
        Assert.False(credits.TryConsume(FlowControlClass.Posted, 17));
        Assert.Equal((4, 16), (credits.AvailableHeaders(FlowControlClass.Posted), credits.AvailableData(FlowControlClass.Posted)));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(0, 6)]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void MoreCreditsBackThanWereTakenIsOurBug(int headers, int data)
    {
        var credits = new CreditCounter(Small);
        Assert.True(credits.TryConsume(FlowControlClass.Posted, 5));
        var error = Assert.Throws<InvalidOperationException>(() => credits.Return(FlowControlClass.Posted, headers, data));
        Assert.StartsWith("Invariant: credits returned are credits consumed. Posted:", error.Message);
        credits.Return(FlowControlClass.Posted, 1, 5);
        Assert.Equal((4, 16, 1u), (credits.AvailableHeaders(FlowControlClass.Posted), credits.AvailableData(FlowControlClass.Posted), credits.ReturnCount));
    }

    [Fact]
    public void InfiniteCreditsNeverEndAndAreNeverReturned()
    {
        var limits = new CreditLimits(CreditLimit.Infinite, new(2, 0), new(0, 16));
        var credits = new CreditCounter(limits);
        var returns = new CreditReturns(limits, 256);
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(credits.TryConsume(FlowControlClass.Posted, 16));
            Assert.False(returns.Freed(FlowControlClass.Posted, 16));
        }
        returns.Take(FlowControlClass.Posted, out var headers, out var data);
        Assert.Equal((0, 0), (headers, data));
        Assert.Throws<InvalidOperationException>(() => credits.Return(FlowControlClass.Posted, 1, 0));

        Assert.True(credits.TryConsume(FlowControlClass.NonPosted, int.MaxValue));
        Assert.True(credits.TryConsume(FlowControlClass.NonPosted, int.MaxValue));
        Assert.False(credits.TryConsume(FlowControlClass.NonPosted, 0));
        Assert.True(credits.TryConsume(FlowControlClass.Completion, 16));
        Assert.True(credits.TryConsume(FlowControlClass.Completion, 0));
        Assert.False(credits.TryConsume(FlowControlClass.Completion, 1));
    }

    [Fact]
    public void UpdatesComeInBatchesOfAQuarterOfTheGrant()
    {
        var limits = new CreditLimits(new(64, 1024), new(64, 64), new(64, 1024));
        var returns = new CreditReturns(limits, 256);
        for (var freed = 0; freed < 16; freed++) Assert.False(returns.Freed(FlowControlClass.Posted, 1));
        Assert.True(returns.Freed(FlowControlClass.Posted, 1));
        returns.Take(FlowControlClass.Posted, out var headers, out var data);
        Assert.Equal((17, 17), (headers, data));

        for (var freed = 0; freed < 16; freed++) Assert.False(returns.Freed(FlowControlClass.Completion, 16));
        Assert.True(returns.Freed(FlowControlClass.Completion, 16));
        Assert.False(returns.Freed(FlowControlClass.Posted, 16));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(31)]
    public void TwoStagesThatShareAGrantNeverStopTheLargestTlp(int egresses)
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 500; round++)
        {
            var largest = CreditLimits.LargestPayloadCredits(FlowControlClass.Posted, 256);
            var granted = new CreditLimit(random.Next(1, 200), random.Next(largest, 2000));
            var limits = new CreditLimits(granted, new(8, 8), granted);
            var link = new CreditReturns(limits, 256);
            var shares = Enumerable.Range(0, egresses).Select(_ => new CreditReturns(limits, 256, egresses)).ToArray();
            var credits = new CreditCounter(limits);
            for (var sent = 0; sent < 2_000; sent++)
            {
                Assert.True(credits.TryConsume(FlowControlClass.Posted, largest), $"round {round}: the largest TLP is stuck with a grant of {granted} shared by {egresses}");
                ref var share = ref shares[random.Next(egresses)];
                if (!share.Freed(FlowControlClass.Posted, largest)) continue;
                share.Take(FlowControlClass.Posted, out var headers, out var data);
                if (!link.Freed(FlowControlClass.Posted, data, headers)) continue;
                link.Take(FlowControlClass.Posted, out headers, out data);
                credits.Return(FlowControlClass.Posted, headers, data);
            }
        }
    }

    [Fact]
    public void CreditsHeldForABatchNeverStopTheLargestTlp()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 2_000; round++)
        {
            var maxPayloadSize = 128 << random.Next(6);
            var limits = new CreditLimits(RandomLimit(FlowControlClass.Posted), RandomLimit(FlowControlClass.NonPosted), RandomLimit(FlowControlClass.Completion));
            limits.Validate(maxPayloadSize);
            var credits = new CreditCounter(limits);
            var returns = new CreditReturns(limits, maxPayloadSize);
            for (var packet = 0; packet < 200; packet++)
            {
                var flowControlClass = (FlowControlClass)random.Next(3);
                var largest = CreditLimits.LargestPayloadCredits(flowControlClass, maxPayloadSize);
                var size = random.Next(3) == 0 ? largest : random.Next(largest + 1);
                // The receiver is empty here: if anything could stop the link, it is what its batches withhold.
                Assert.True(credits.CanConsume(flowControlClass, largest), $"round {round} packet {packet}: {limits} with {maxPayloadSize} bytes");
                Assert.True(credits.TryConsume(flowControlClass, size));
                if (!returns.Freed(flowControlClass, size)) continue;
                returns.Take(flowControlClass, out var headers, out var data);
                credits.Return(flowControlClass, headers, data);
            }

            CreditLimit RandomLimit(FlowControlClass flowControlClass)
            {
                var least = CreditLimits.LargestPayloadCredits(flowControlClass, maxPayloadSize);
                return new(random.Next(1, random.Next(2) == 0 ? 5 : 200), least + (random.Next(2) == 0 ? random.Next(4) : random.Next(1000)));
            }
        }
    }

    [Fact]
    public void ALinkThatComesUpAnewStartsWithAllThatWasGranted()
    {
        var credits = new CreditCounter(new CreditLimits(new CreditLimit(2, 10), new CreditLimit(1, 1), CreditLimit.Infinite));
        Assert.True(credits.TryConsume(FlowControlClass.Posted, 8));
        Assert.True(credits.TryConsume(FlowControlClass.NonPosted, 0));
        Assert.True(credits.TryConsume(FlowControlClass.Completion, 4));
        var returns = credits.ReturnCount;
        credits.Refill();
        Assert.Equal((2, 10, 1, int.MaxValue), (credits.AvailableHeaders(FlowControlClass.Posted), credits.AvailableData(FlowControlClass.Posted), credits.AvailableHeaders(FlowControlClass.NonPosted), credits.AvailableData(FlowControlClass.Completion)));
        Assert.NotEqual(returns, credits.ReturnCount);
    }
}
