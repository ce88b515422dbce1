using PcieFabric.Engine;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Engine;

public sealed class EventQueueTests(ITestOutputHelper output)
{
    [Fact]
    public void AnEmptyQueueHasNothingBeforeTheEndOfTime()
    {
        var queue = new EventQueue();
        Assert.Equal(long.MaxValue, queue.TopPs);

        queue.Push(5, 1);
        Assert.Equal((5, 1), (queue.TopPs, queue.TopChannelId));

        queue.Pop();
        Assert.Equal(long.MaxValue, queue.TopPs);

        queue.Push(7, 2);
        queue.RemoveAll(_ => true);
        Assert.Equal(long.MaxValue, queue.TopPs);
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void WhatComesWhileAllElseIsFarAwayGoesFirst()
    {
        var queue = new EventQueue();
        var farPs = 1_000 * EngineLimits.LongestSoonPs;
        queue.Push(farPs, 1);
        Assert.Equal((farPs, 1), (queue.TopPs, queue.TopChannelId));
        Assert.False(queue.TryBringIn(farPs, []));

        queue.Push(EngineLimits.LongestSoonPs + 1, 2);
        Assert.Equal((EngineLimits.LongestSoonPs + 1, 2), (queue.TopPs, queue.TopChannelId));
        Assert.True(queue.TryBringIn(farPs, []));
        Assert.Equal((EngineLimits.LongestSoonPs + 1, 2), (queue.TopSoonPs, queue.TopSoonChannelId));
    }

    [Fact]
    public void WhatIsDueBeforeWhatWasTakenIsRefused()
    {
        var queue = new EventQueue();
        var farPs = 1_000 * EngineLimits.LongestSoonPs;
        queue.Push(farPs, 1);
        Assert.True(queue.TryBringIn(long.MaxValue, []));
        queue.Pop();

        Assert.Throws<InvalidOperationException>(() => queue.Push(farPs - 1, 2));
    }

    /// <param name="spreadPs">Times within what is due soon, and beyond.</param>
    [Theory]
    [InlineData(8, 50)]
    [InlineData(8, (int)EngineLimits.LongestSoonPs)]
    [InlineData(3000, 50)]
    [InlineData(3000, (int)EngineLimits.LongestSoonPs)]
    [InlineData(3000, (int)EngineLimits.CrowdedSoonPs)]
    [InlineData(150, (int)EngineLimits.CrowdedSoonPs)]
    [InlineData(20_000, 5)]
    public void WhateverIsDoneToItTheLeastTimeAndChannelAreOnTop(int channels, int spreadPs)
    {
        var random = TestSeed.Random(output);
        var queue = new EventQueue();
        var expected = new SortedSet<(long TimePs, int Channel)>();
        var nowPs = 0L;
        for (var step = 0; step < 30_000; step++)
        {
            switch (random.Next(expected.Count == 0 ? 1 : step < 20_000 ? 8 : 200))
            {
                case 0 or 1 or 2:
                    var entry = (TimePs: nowPs + random.Next(4 * spreadPs), Channel: random.Next(channels));
                    if (expected.Add(entry)) queue.Push(entry.TimePs, entry.Channel);
                    break;
                case 3 or > 7:
                    nowPs = expected.Min.TimePs;
                    expected.Remove(expected.Min);
                    BringIn();
                    queue.Pop();
                    break;
                case 4 or 5 or 6:
                    var (timePs, channel) = expected.Min;
                    nowPs = timePs;
                    var later = timePs + random.Next(spreadPs);
                    if (later != timePs && expected.Contains((later, channel))) break;
                    expected.Remove((timePs, channel));
                    expected.Add((later, channel));
                    BringIn();
                    queue.ReplaceTop(later);
                    break;
                default:
                    var emptied = random.Next(channels);
                    expected.RemoveWhere(e => e.Channel == emptied);
                    queue.RemoveAll(id => id == emptied);
                    queue.Trim();
                    break;
            }
            Assert.Equal(expected.Count, queue.Count);
            if (expected.Count > 0) Assert.Equal(expected.Min, (queue.TopPs, queue.TopChannelId));
            else Assert.Equal(long.MaxValue, queue.TopPs);
        }

        void BringIn()
        {
            while (queue.TopSoonPs >= queue.WaitingPs && queue.WaitingPs < long.MaxValue) queue.BringIn();
        }
    }
}
