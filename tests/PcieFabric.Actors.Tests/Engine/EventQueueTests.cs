using PcieFabric.Engine;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Engine;

public sealed class EventQueueTests(ITestOutputHelper output)
{
    [Fact]
    public void AnEmptyQueueHasNothingBeforeTheEndOfTime()
    {
        var queue = new EventQueue();
        Assert.Equal(long.MaxValue, queue.Top.TimePs);

        queue.Push(5, 1);
        Assert.Equal((5, 1), (queue.Top.TimePs, queue.Top.ChannelId));

        queue.Pop();
        Assert.Equal(long.MaxValue, queue.Top.TimePs);

        queue.Push(7, 2);
        queue.RemoveAll(_ => true);
        Assert.Equal(long.MaxValue, queue.Top.TimePs);
        Assert.True(queue.IsEmpty);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(3000)]
    public void WhateverIsDoneToItTheLeastTimeAndChannelAreOnTop(int channels)
    {
        var random = TestSeed.Random(output);
        var queue = new EventQueue();
        var expected = new SortedSet<(long TimePs, int Channel)>();
        for (var step = 0; step < 20_000; step++)
        {
            switch (random.Next(expected.Count == 0 ? 1 : 8))
            {
                case 0 or 1 or 2:
                    var entry = (random.Next(200), random.Next(channels));
                    if (expected.Add(entry)) queue.Push(entry.Item1, entry.Item2);
                    break;
                case 3 or 4:
                    expected.Remove(expected.Min);
                    queue.Pop();
                    break;
                case 5 or 6:
                    var (timePs, channel) = expected.Min;
                    var later = timePs + random.Next(50);
                    if (later != timePs && expected.Contains((later, channel))) break;
                    expected.Remove((timePs, channel));
                    expected.Add((later, channel));
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
            if (expected.Count > 0) Assert.Equal(expected.Min, (queue.Top.TimePs, queue.Top.ChannelId));
            else Assert.Equal(long.MaxValue, queue.Top.TimePs);
        }
    }
}
