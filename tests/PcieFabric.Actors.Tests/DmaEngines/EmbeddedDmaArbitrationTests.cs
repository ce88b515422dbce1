using PcieFabric.DmaEngines;
using PcieFabric.Links;
using PcieFabric.Units;

namespace PcieFabric.Actors.Tests.DmaEngines;

/// <summary>Channels work at the same time, and share the way as their weights say.</summary>
public sealed class EmbeddedDmaArbitrationTests
{
    [Fact]
    public void AChannelHasManyReadsUnderWay()
    {
        using var rig = new DmaRig();
        rig.Enable();
        rig.Start(EmbeddedDmaRegisters.Read, 0, RigBus.Base, 0, 16_384);
        rig.RunUntilIdle();
        Assert.Equal(32, rig.Bus.Requests.Count(request => request.IsRead));
        var first = rig.Bus.Requests[0].AtPs;
        // All of them leave before the first answer is there, as a quarter of 240 tags is more than they need.
        Assert.All(rig.Bus.Requests, request => Assert.True(request.AtPs - first < rig.Bus.ReadLatency.Picoseconds));
    }

    [Fact]
    public void ReadsInFlightAreBoundedByTheShareOfTheTags()
    {
        using var rig = new DmaRig(writeChannels: 8, readChannels: 8, tagBits: 5);
        rig.Enable();
        for (var i = 0; i < 8; i++) rig.Start(EmbeddedDmaRegisters.Read, i, RigBus.Base + (ulong)i * 4096, (ulong)i * 4096, 4096);
        rig.RunUntilIdle();
        // Sixteen tags of sixteen channels: one each, so that a channel's next request waits for its answer.
        foreach (var channel in rig.Bus.Requests.GroupBy(request => request.Channel))
        {
            Assert.Equal(8, channel.Count());
            Assert.All(channel.Zip(channel.Skip(1)), pair => Assert.True(pair.Second.AtPs - pair.First.AtPs >= rig.Bus.ReadLatency.Picoseconds));
        }
        rig.AssertNothingLeaks();
    }

    [Theory]
    [InlineData(new[] { 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new[] { 0, 1, 3, 7, 0, 1, 3, 7 })]
    [InlineData(new[] { 31, 0, 0, 0, 0, 0, 0, 31 })]
    public void ChannelsThatAllWantTheWayGetItByTheirWeights(int[] weights)
    {
        // Credits for few writes at a time, so that they wait at the engine.
        var few = new CreditLimits(new CreditLimit(4, 64), new CreditLimit(4, 16), new CreditLimit(4, 64));
        using var rig = new DmaRig(8, 8, credits: few);
        rig.Enable();
        rig.Write(EmbeddedDmaRegisters.Write.Weights, Packed(0), Packed(4));
        for (var i = 0; i < 8; i++)
        {
            rig.Write(EmbeddedDmaRegisters.Write.ChannelOffset(i), (uint)EmbeddedDmaControl.LocalInterrupt, 0, 1 << 18, 0, 0, 0x3450_0000, 0x12);
            rig.Write(EmbeddedDmaRegisters.Write.Doorbell, (uint)i);
        }
        var from = rig.Bus.Requests.Count;
        rig.Run(SimTime.FromMicroseconds(2));
        var counts = rig.Bus.Requests.Skip(from).GroupBy(request => request.Channel).ToDictionary(group => group.Key, group => group.Count());
        var rounds = (double)counts.Values.Sum() / weights.Sum(weight => weight + 1);
        Assert.True(rounds > 4, $"{rounds} rounds");
        for (var i = 0; i < 8; i++) Assert.InRange(counts[i], (weights[i] + 1) * (rounds - 1.5), (weights[i] + 1) * (rounds + 1.5));
        rig.RunUntilIdle();
        rig.AssertNothingLeaks();

        uint Packed(int first) => (uint)Enumerable.Range(0, 4).Sum(i => weights[first + i] << 5 * i);
    }
}
