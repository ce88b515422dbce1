using PcieFabric.Engine;
using Xunit.Abstractions;

namespace PcieFabric.Actors.Tests.Engine;

public sealed class ShortQueueTests(ITestOutputHelper output)
{
    [Fact]
    public void WhatCameFirstLeavesFirstHoweverManyWait()
    {
        var random = TestSeed.Random(output);
        var queue = new ShortQueue<string>();
        var expected = new Queue<string>();
        for (var step = 0; step < 2_000; step++)
        {
            if (random.Next(2) == 0)
            {
                queue.Enqueue($"{step}");
                expected.Enqueue($"{step}");
            }
            else
            {
                Assert.Equal(expected.TryPeek(out var first), queue.TryPeek(out var seen));
                Assert.Equal(first, seen);
                Assert.Equal(expected.TryDequeue(out first), queue.TryDequeue(out seen));
                Assert.Equal(first, seen);
            }
            Assert.Equal(expected.Count, queue.Count);
        }
    }

    [Fact]
    public void NothingCanBeTakenFromAnEmptyOne()
    {
        var queue = new ShortQueue<string>();
        Assert.Throws<InvalidOperationException>(() => queue.Peek());
        queue.Enqueue("only");
        Assert.Equal("only", queue.Dequeue());
        Assert.Throws<InvalidOperationException>(() => queue.Dequeue());
    }
}
