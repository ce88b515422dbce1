using PcieFabric.Addressing;
using PcieFabric.Links;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Links;

public sealed class TransmitQueueTests(ITestOutputHelper output) : IDisposable
{
    private readonly PayloadDepot _depot = new();
    private PayloadPool? _pool;

    private PayloadPool Pool => _pool ??= new PayloadPool(_depot);

    public void Dispose() => _depot.Dispose();

    [Fact]
    public void TlpsLeaveInOrderOfArrivalWhileThereAreCredits()
    {
        var random = TestSeed.Random(output);
        var queue = new TransmitQueue();
        var credits = new CreditCounter(default);
        for (var i = 0; i < 1000; i++) queue.Enqueue(RandomTlp(random), i);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(queue.TryDequeue(ref credits, out var place));
            Assert.Equal(i, queue[place].Source);
        }
        Assert.True(queue.IsEmpty);
        Assert.False(queue.TryDequeue(ref credits, out _));
    }

    [Fact]
    public void WhatLeavesIsWhatTheTableSaysWhateverTheCredits()
    {
        var random = TestSeed.Random(output);
        for (var round = 0; round < 300; round++)
        {
            var limits = new CreditLimits(RandomLimit(), RandomLimit(), RandomLimit());
            var (queue, naive) = (new TransmitQueue(), new NaiveTransmitQueue());
            var (credits, naiveCredits) = (new CreditCounter(limits), new CreditCounter(limits));
            var atReceiver = new List<(FlowControlClass Class, int Data)>();
            int sent = 0, received = 0;
            var attributes = random.Next(3);
            for (var step = 0; step < 1000 || received < sent; step++)
            {
                var action = random.Next(4);
                if (action < 2 && step < 1000)
                {
                    var tlp = RandomTlp(random, attributes);
                    queue.Enqueue(tlp, sent);
                    naive.Enqueue(tlp, sent++);
                }
                else if (action == 2 && atReceiver.Count > 0)
                {
                    var freed = atReceiver[random.Next(atReceiver.Count)];
                    atReceiver.Remove(freed);
                    Return(ref credits, freed.Class, freed.Data);
                    Return(ref naiveCredits, freed.Class, freed.Data);
                }
                else
                {
                    var mayGo = naive.TryDequeue(ref naiveCredits, out var expected);
                    var goes = queue.TryDequeue(ref credits, out var place);
                    Assert.Equal((mayGo, expected), (goes, goes ? queue[place].Source : 0));
                    Assert.Equal(naive.Waiting.Count, queue.Count);
                    if (!goes) continue;
                    received++;
                    atReceiver.Add((queue[place].Tlp.FlowControlClass, CreditCounter.DataCredits(queue[place].Tlp)));
                }
            }
            Assert.True(queue.IsEmpty);
        }

        CreditLimit RandomLimit() => random.Next(5) == 0 ? CreditLimit.Infinite : new(random.Next(1, 6), random.Next(9, 20));
    }

    private static void Return(ref CreditCounter credits, FlowControlClass flowControlClass, int data) => credits.Return(
        flowControlClass,
        credits.AvailableHeaders(flowControlClass) == int.MaxValue ? 0 : 1,
        credits.AvailableData(flowControlClass) == int.MaxValue ? 0 : data);

    [Theory]
    [InlineData(FlowControlClass.Posted)]
    [InlineData(FlowControlClass.Completion)]
    public void BlockedNonPostedTlpsHoldUpNobodyElse(FlowControlClass flowing)
    {
        var queue = new TransmitQueue();
        var credits = new CreditCounter(new(default, new(1, 8), default));
        for (var i = 0; i < 100; i++) queue.Enqueue(Read(tag: i), i);
        Assert.True(queue.TryDequeue(ref credits, out _));
        for (var i = 0; i < 100; i++)
        {
            Assert.False(queue.TryDequeue(ref credits, out _));
            queue.Enqueue(flowing == FlowControlClass.Posted ? Write(0x1000) : Completion(tag: i), 1000 + i);
            Assert.True(queue.TryDequeue(ref credits, out var place));
            Assert.Equal(1000 + i, queue[place].Source);
        }
        Assert.Equal(99, queue.Count);
    }

    [Fact]
    public void AFlagIsNeverSentBeforeItsData()
    {
        // The data needs eight data credits, the flag one: credits for the flag alone must not let it go first.
        var queue = new TransmitQueue();
        var credits = new CreditCounter(new(new(8, 9), default, default));
        Assert.True(credits.TryConsume(FlowControlClass.Posted, 4));
        queue.Enqueue(Write(0x1000, 128), 1);
        queue.Enqueue(Write(0x2000, 4), 2);
        Assert.False(queue.TryDequeue(ref credits, out _));
        credits.Return(FlowControlClass.Posted, 1, 4);
        AssertLeaves(queue, ref credits, 1, 2);
    }

    [Fact]
    public void TheReaderOfAFlagAndItsDataMayBeReorderedOnlyByItself()
    {
        // Reads have no order among each other (B3): who needs one waits for the first completion. Their completions have none either (D5a).
        var queue = new TransmitQueue();
        var credits = new CreditCounter(default);
        queue.Enqueue(Read(tag: 1), 1);
        queue.Enqueue(Read(tag: 2), 2);
        AssertLeaves(queue, ref credits, 1, 2);
        Assert.True(OrderingRules.MayPass(Read(tag: 2), Read(tag: 1)));
        Assert.True(OrderingRules.MayPass(Completion(tag: 2), Completion(tag: 1)));
    }

    [Fact]
    public void AReadPushesTheWritesBeforeIt() => AssertWaitsBehindAWrite(Read(tag: 1));

    [Fact]
    public void ARelaxedReadPushesThemToo()
    {
        var read = Read(tag: 1);
        read.RelaxedOrdering = true;
        AssertWaitsBehindAWrite(read);
    }

    [Fact]
    public void ACompletionPushesTheWritesBeforeIt() => AssertWaitsBehindAWrite(Completion(tag: 1));

    [Fact]
    public void AWriteOfTheSameStreamWaitsWithIdBasedOrdering()
    {
        var write = Write(0x2000, 4);
        write.IdBasedOrdering = true;
        AssertWaitsBehindAWrite(write);
    }

    [Fact]
    public void ARelaxedWriteGoesFirst()
    {
        var write = Write(0x2000, 4);
        write.RelaxedOrdering = true;
        AssertPassesAWrite(write);
    }

    [Fact]
    public void AWriteOfAnotherStreamGoesFirstWithIdBasedOrdering()
    {
        var write = Write(0x2000, 4, requester: 9);
        write.IdBasedOrdering = true;
        AssertPassesAWrite(write);
    }

    [Fact]
    public void AWriteOfAnotherTrafficClassGoesFirst()
    {
        var write = Write(0x2000, 4);
        write.TrafficClass = 1;
        AssertPassesAWrite(write);
    }

    [Fact]
    public void CompletionsOfOneReadStayInAddressOrderAndThoseOfAnotherFlow()
    {
        var queue = new TransmitQueue();
        var credits = new CreditCounter(new(default, default, new(8, 9)));
        Assert.True(credits.TryConsume(FlowControlClass.Completion, 8));
        queue.Enqueue(Completion(tag: 1, bytes: 128), 1);
        queue.Enqueue(Completion(tag: 1, bytes: 16), 2);
        queue.Enqueue(Completion(tag: 2, bytes: 16), 3);
        AssertLeaves(queue, ref credits, 3);
        Assert.False(queue.TryDequeue(ref credits, out _));
        credits.Return(FlowControlClass.Completion, 1, 9);
        AssertLeaves(queue, ref credits, 1, 2);
    }

    [Fact]
    public void ADiscardedQueueGivesUpEverythingInOrder()
    {
        var queue = new TransmitQueue();
        // One header is left for each, and data credits for the first alone, so the others are looked at and found blocked.
        var credits = new CreditCounter(new(new(3, 4), default, default));
        for (var i = 0; i < 3; i++) queue.Enqueue(Write(0x1000, 64), i);
        AssertLeaves(queue, ref credits, 0);
        Assert.False(queue.TryDequeue(ref credits, out _));
        for (var i = 1; i < 3; i++)
        {
            Assert.True(queue.TryDiscard(out _, out var source));
            Assert.Equal(i, source);
        }
        Assert.False(queue.TryDiscard(out _, out _));
        queue.Enqueue(Read(tag: 1), 7);
        AssertLeaves(queue, ref credits, 7);
    }

    [Fact]
    public void AFullQueueTakesNoMore()
    {
        var queue = new TransmitQueue();
        var read = Read(tag: 0);
        for (var i = 0; i < Limits.TransmitQueueTlps; i++) queue.Enqueue(read, source: i & 511);
        Assert.True(queue.IsFull);
        var error = Assert.Throws<InvalidOperationException>(() => queue.Enqueue(read, 0));
        Assert.Equal($"Invariant: back-pressure keeps a transmit queue below {Limits.TransmitQueueTlps} TLPs", error.Message);
    }

    [Fact]
    public void NothingIsAllocatedInSteadyState()
    {
        var queue = new TransmitQueue();
        var credits = new CreditCounter(new(new(4, 64), default, default));
        var write = Write(0x1000, 64);
        for (var i = 0; i < 4; i++) queue.Enqueue(write, i);
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                queue.Enqueue(write, i);
                Assert.True(queue.TryDequeue(ref credits, out _));
                credits.Return(FlowControlClass.Posted, 1, 4);
            }
        }));
    }

    /// <summary>Credits suffice for the small TLP, not for the large write that arrived first.</summary>
    private void AssertWaitsBehindAWrite(in Tlp later)
    {
        var queue = BehindABlockedWrite(later, out var credits);
        Assert.False(queue.TryDequeue(ref credits, out _));
        credits.Return(FlowControlClass.Posted, 1, 8);
        AssertLeaves(queue, ref credits, 1, 2);
    }

    private void AssertPassesAWrite(in Tlp later)
    {
        var queue = BehindABlockedWrite(later, out var credits);
        AssertLeaves(queue, ref credits, 2);
        Assert.False(queue.TryDequeue(ref credits, out _));
    }

    private TransmitQueue BehindABlockedWrite(in Tlp later, out CreditCounter credits)
    {
        credits = new CreditCounter(new(new(8, 9), default, default));
        Assert.True(credits.TryConsume(FlowControlClass.Posted, 8));
        var queue = new TransmitQueue();
        queue.Enqueue(Write(0x1000, 128), 1);
        queue.Enqueue(later, 2);
        return queue;
    }

    private static void AssertLeaves(TransmitQueue queue, ref CreditCounter credits, params int[] sources)
    {
        foreach (var expected in sources)
        {
            Assert.True(queue.TryDequeue(ref credits, out var place));
            Assert.Equal(expected, queue[place].Source);
        }
    }

    private Tlp Write(ulong address, int bytes = 64, int requester = 1) => Tlp.MemoryWrite(new Bdf((ushort)requester), address, new byte[bytes], Pool);

    private static Tlp Read(int tag, int requester = 1) => Tlp.MemoryRead(new Bdf((ushort)requester), (ushort)tag, 0x1000, 128);

    private Tlp Completion(int tag, int bytes = 64, int requester = 1) =>
        Tlp.CompletionWithData(Read(tag, requester), new Bdf(5), 0, bytes / 4, Pool);

    /// <param name="attributes">0 none, 1 seldom, 2 often.</param>
    private Tlp RandomTlp(Random random, int attributes = 2)
    {
        var requester = new Bdf((ushort)random.Next(3));
        var tag = (ushort)random.Next(4);
        Span<byte> data = stackalloc byte[8];
        var tlp = random.Next(9) switch
        {
            0 or 1 => Write(0x1000, 4 * random.Next(1, 33), requester.Value),
            2 => Tlp.Message(MessageRouting.ToRootComplex, 0x20, requester),
            3 or 4 => Read(tag, requester.Value),
            5 => Tlp.Atomic(AtomicOperation.Swap, requester, tag, 0x1000, data, Pool),
            6 => Tlp.ConfigWrite(0, requester, tag, new Bdf(7), 4, 1),
            7 => Completion(tag, 4 * random.Next(1, 33), requester.Value),
            _ => Tlp.CompletionFor(Read(tag, requester.Value), new Bdf((ushort)random.Next(3)), CompletionStatus.UnsupportedRequest),
        };
        if (attributes == 0) return tlp;
        var rarity = attributes == 1 ? 20 : 3;
        tlp.RelaxedOrdering = random.Next(rarity) == 0;
        tlp.IdBasedOrdering = random.Next(rarity) == 0;
        if (random.Next(rarity) == 0) tlp.SetPasid((uint)random.Next(2));
        if (random.Next(rarity) == 0) tlp.TrafficClass = (byte)random.Next(8);
        return tlp;
    }
}
