using PcieFabric.Engine;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Engine;

public sealed class EventRowsTests(ITestOutputHelper output)
{
    [Fact]
    public void NoneHaveNothingBeforeTheEndOfTime()
    {
        var rows = new EventRows();
        Assert.Equal((0, long.MaxValue), (rows.Count, rows.Top.TimePs));

        rows.Push(5, 1);
        rows.Pop();
        Assert.Equal((0, long.MaxValue), (rows.Count, rows.Top.TimePs));
    }

    /// <param name="whiles">So many different ones that alarms are set for: fewer than rows, or more; zero for any.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(0)]
    public void AlarmsOfAnyWhileComeInTheOrderOfTheirTimes(int whiles)
    {
        var random = TestSeed.Random(output);
        var rows = new EventRows();
        var expected = new SortedSet<(long TimePs, int Channel)>();
        var nowPs = 0L;
        for (var step = 0; step < 20_000; step++)
        {
            // Many at first, then fewer and fewer.
            if (random.Next(100) < (step < 12_000 ? 60 : 40) || expected.Count == 0)
            {
                var entry = (TimePs: nowPs + 1 + (whiles == 0 ? random.Next(10_000) : 1_000 * random.Next(whiles)), Channel: random.Next(500));
                if (expected.Add(entry)) rows.Push(entry.TimePs, entry.Channel);
            }
            else
            {
                nowPs = expected.Min.TimePs;
                expected.Remove(expected.Min);
                rows.Pop();
            }
            if (random.Next(1000) == 0)
            {
                var emptied = random.Next(500);
                expected.RemoveWhere(e => e.Channel == emptied);
                rows.RemoveAll(id => id == emptied);
                rows.Trim();
            }
            Assert.Equal(expected.Count, rows.Count);
            if (expected.Count > 0) Assert.Equal(expected.Min, (rows.Top.TimePs, rows.Top.ChannelId));
        }
    }
}
