using PcieFabric.Addressing;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using PcieFabric.Units;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Tlps;

public sealed class TransactionTableTests(ITestOutputHelper output)
{
    private static readonly Bdf Requester = new(1, 0, 0), Completer = new(2, 0, 0);
    private static readonly SimTime Timeout = SimTime.FromMilliseconds(50);

    private readonly PayloadPool _pool = new();

    [Fact]
    public void ReadsCompleteInAnyOrderBetweenTagsAndInOrderWithinOne()
    {
        var random = TestSeed.Random(output);
        var table = new TransactionTable<int>(new TagPool(TagWidth.FiveBits), Timeout);
        var answers = new Dictionary<int, (Queue<Tlp> Left, int Start, int Length, int Received)>();
        var memory = new byte[8192];
        random.NextBytes(memory);
        var completed = 0;
        for (var step = 0; completed < 3000; step++)
        {
            if (random.Next(3) == 0)
            {
                var (start, length) = (random.Next(4096), 0);
                length = random.Next(1, 1 + Math.Min(4096 - start, 1200));
                var request = Tlp.MemoryRead(Requester, 0, (ulong)start, length);
                if (table.TryBegin(ref request, step, new SimTime(step))) answers.Add(step, (Answer(request, memory), start, length, 0));
                else Assert.Equal(32, answers.Count);
            }
            Assert.Equal(answers.Count, table.Outstanding);
            if (answers.Count == 0) continue;
            var state = answers.Keys.ElementAt(random.Next(answers.Count));
            var (left, from, total, received) = answers[state];
            var completion = left.Dequeue();
            var match = table.Complete(completion, out var transaction, out var data);
            Assert.Equal(left.Count == 0 ? CompletionMatch.Last : CompletionMatch.Partial, match);
            Assert.Equal(state, transaction.State);
            Assert.Equal(received, data.OffsetBytes);
            Assert.Equal(memory.AsSpan(from + received, data.DataBytes), completion.Payload.Slice(data.LeadBytes, data.DataBytes));
            answers[state] = (left, from, total, received + data.DataBytes);
            completion.Release(_pool);
            if (match != CompletionMatch.Last) continue;
            Assert.Equal(total, received + data.DataBytes);
            answers.Remove(state);
            completed++;
        }
    }

    [Fact]
    public void WritesConfigurationAndAtomicsEndWithTheirOneCompletion()
    {
        var table = NewTable();
        Tlp[] requests =
        [
            Tlp.ConfigWrite(0, Requester, 0, Completer, 4, 6),
            Tlp.ConfigRead(0, Requester, 0, Completer, 0),
            Tlp.IoRead(Requester, 0, 0x3F8, 2),
            Tlp.IoWrite(Requester, 0, 0x3F8, 2, 0),
            Tlp.DeferrableMemoryWrite(Requester, 0, 0x1000, new byte[64], _pool),
            Tlp.Atomic(AtomicOperation.CompareAndSwap, Requester, 0, 0x1004, new byte[8], _pool),
            Tlp.LockedMemoryRead(Requester, 0, 0x1002, 2),
            Tlp.MemoryRead(Requester, 0, 0x1002, 0),
        ];
        foreach (var template in requests)
        {
            var request = template;
            Assert.True(table.TryBegin(ref request, 7, SimTime.Zero));
            var answer = request.AnswerLengthDw == 0
                ? Tlp.CompletionFor(request, Completer, CompletionStatus.SuccessfulCompletion)
                : Tlp.CompletionWithData(request, Completer, 0, request.AnswerLengthDw, _pool);
            Assert.Equal(CompletionMatch.Last, table.Complete(answer, out var transaction, out _));
            Assert.Equal(request.Type, transaction.Type);
        }
        Assert.Equal(0, table.Outstanding);
    }

    [Theory]
    [InlineData(CompletionStatus.UnsupportedRequest)]
    [InlineData(CompletionStatus.CompleterAbort)]
    [InlineData(CompletionStatus.RequestRetryStatus)]
    [InlineData((CompletionStatus)6)]
    public void AFailureEndsTheRequestAtOnce(CompletionStatus status)
    {
        var table = NewTable();
        var request = Begin(table, 0x1000, 512);
        Assert.Equal(CompletionMatch.Partial, table.Complete(Tlp.CompletionWithData(request, Completer, 0, 32, _pool), out _, out _));
        Assert.Equal(CompletionMatch.Failed, table.Complete(Tlp.CompletionFor(request, Completer, status), out var transaction, out _));
        Assert.Equal(0x1000ul, transaction.Address);
        Assert.Equal(0, table.Outstanding);
        Assert.Equal(CompletionMatch.Unexpected, table.Complete(Tlp.CompletionFor(request, Completer, status), out _, out _));
    }

    [Fact]
    public void ACompletionForSomebodyElseIsUnexpected()
    {
        var table = NewTable();
        var request = Begin(table, 0x1000, 4);
        var stranger = Tlp.CompletionWithData(request, Completer, 0, 1, _pool);
        stranger.Requester = new Bdf(3, 0, 0);
        Assert.Equal(CompletionMatch.Unexpected, table.Complete(stranger, out _, out _));
        stranger.Requester = Requester;
        stranger.Tag++;
        Assert.Equal(CompletionMatch.Unexpected, table.Complete(stranger, out _, out _));
        Assert.Equal(1, table.Outstanding);
    }

    [Fact]
    public void ATenBitTagThatACompleterCutShortIsUnexpected()
    {
        var table = new TransactionTable<int>(new TagPool(TagWidth.TenBits), Timeout);
        var request = Begin(table, 0x1000, 4);
        var answer = Tlp.CompletionWithData(request, Completer, 0, 1, _pool);
        answer.Tag &= 0xFF;
        Assert.Equal(CompletionMatch.Unexpected, table.Complete(answer, out _, out _));
    }

    [Fact]
    public void ACompletionThatDoesNotFitItsRequestIsNamedAndChangesNothing()
    {
        var table = NewTable();
        var request = Begin(table, 0x1000, 256);
        var shorter = Tlp.MemoryRead(Requester, request.Tag, 0x1000, 128);
        var longer = Tlp.MemoryRead(Requester, request.Tag, 0x1000, 512);
        var elsewhere = Tlp.MemoryRead(Requester, request.Tag, 0x1040, 256);
        var otherClass = request;
        otherClass.TrafficClass = 3;
        Expect(CompletionMatch.WrongByteCount, Tlp.CompletionWithData(shorter, Completer, 0, 32, _pool));
        Expect(CompletionMatch.WrongByteCount, Tlp.CompletionWithData(longer, Completer, 0, 32, _pool));
        Expect(CompletionMatch.WrongByteCount, Tlp.CompletionWithData(request, Completer, 16, 16, _pool));
        Expect(CompletionMatch.WrongByteCount, Tlp.CompletionWithData(request, Completer, 0, 65, _pool));
        Expect(CompletionMatch.WrongLowerAddress, Tlp.CompletionWithData(elsewhere, Completer, 0, 16, _pool));
        Expect(CompletionMatch.WrongAttributes, Tlp.CompletionWithData(otherClass, Completer, 0, 64, _pool));
        Expect(CompletionMatch.WrongType, Tlp.CompletionFor(request, Completer, CompletionStatus.SuccessfulCompletion));
        Expect(CompletionMatch.WrongType, Tlp.CompletionFor(Tlp.LockedMemoryRead(Requester, request.Tag, 0x1000, 256), Completer, CompletionStatus.UnsupportedRequest));
        Expect(CompletionMatch.Last, Tlp.CompletionWithData(request, Completer, 0, 64, _pool));

        void Expect(CompletionMatch expected, Tlp completion)
        {
            Assert.Equal(1, table.Outstanding);
            Assert.Equal(expected, table.Complete(completion, out _, out _));
        }
    }

    [Fact]
    public void TheOldestRequestExpiresFirstAndNotBeforeItsTime()
    {
        var table = NewTable();
        Assert.Equal(SimTime.Never, table.EarliestDeadline);
        var requests = new Tlp[3];
        for (var i = 0; i < 3; i++)
        {
            requests[i] = Tlp.MemoryRead(Requester, 0, 0x1000, 4);
            table.TryBegin(ref requests[i], i, new SimTime(i * 100));
        }
        Assert.Equal(CompletionMatch.Last, table.Complete(Tlp.CompletionWithData(requests[1], Completer, 0, 1, _pool), out _, out _));
        Assert.Equal(Timeout, table.EarliestDeadline);
        Assert.False(table.TryExpire(Timeout - new SimTime(1), out _));
        Assert.True(table.TryExpire(Timeout, out var first));
        Assert.Equal(0, first.State);
        Assert.False(table.TryExpire(Timeout, out _));
        Assert.Equal(Timeout + new SimTime(200), table.EarliestDeadline);
        Assert.Equal(CompletionMatch.Unexpected, table.Complete(Tlp.CompletionWithData(requests[0], Completer, 0, 1, _pool), out _, out _));
        Assert.True(table.TryExpire(SimTime.Never, out var last));
        Assert.Equal(2, last.State);
        Assert.Equal(0, table.Outstanding);
    }

    [Fact]
    public void WhateverCompletesInBetweenRequestsExpireInTheOrderOfTheirIssue()
    {
        var random = TestSeed.Random(output);
        var table = new TransactionTable<int>(new TagPool(TagWidth.FiveBits), new SimTime(1000));
        var waiting = new List<(Tlp Request, int State, SimTime IssuedAt)>();
        var now = SimTime.Zero;
        for (var step = 0; step < 20_000; step++)
        {
            now += new SimTime(random.Next(100));
            while (table.TryExpire(now, out var expired))
            {
                Assert.Equal(waiting[0].State, expired.State);
                Assert.Equal(waiting[0].IssuedAt, expired.IssuedAt);
                Assert.True(waiting[0].IssuedAt + new SimTime(1000) <= now);
                waiting.RemoveAt(0);
            }
            var request = Tlp.MemoryRead(Requester, 0, 0x1000, 4);
            if (random.Next(2) == 0 && table.TryBegin(ref request, step, now)) waiting.Add((request, step, now));
            if (random.Next(3) == 0 && waiting.Count != 0)
            {
                var chosen = random.Next(waiting.Count);
                Assert.Equal(CompletionMatch.Last, table.Complete(Tlp.CompletionWithData(waiting[chosen].Request, Completer, 0, 1, _pool), out var done, out _));
                Assert.Equal(waiting[chosen].State, done.State);
                waiting.RemoveAt(chosen);
            }
            Assert.Equal(waiting.Count, table.Outstanding);
            Assert.Equal(waiting.Count == 0 ? SimTime.Never : waiting[0].IssuedAt + new SimTime(1000), table.EarliestDeadline);
        }
    }

    [Fact]
    public void APostedRequestIsNeverOutstanding()
    {
        var write = Tlp.MemoryWrite(Requester, 0x1000, [1, 2, 3, 4], _pool);
        Assert.Throws<InvalidOperationException>(() => NewTable().TryBegin(ref write, 0, SimTime.Zero));
    }

    [Fact]
    public void ADisabledTimeoutNeverExpires()
    {
        var table = new TransactionTable<int>(new TagPool(TagWidth.FiveBits), CompletionTimeout.FromDeviceControl2(0x10).Longest);
        Begin(table, 0x1000, 4);
        Assert.Equal(SimTime.Never, table.EarliestDeadline);
        Assert.False(table.TryExpire(SimTime.FromSeconds(1e6), out _));
    }

    [Theory]
    [InlineData(0x0, 50e-6, 50e-3)]
    [InlineData(0x1, 50e-6, 100e-6)]
    [InlineData(0x2, 1e-3, 10e-3)]
    [InlineData(0x5, 16e-3, 55e-3)]
    [InlineData(0x6, 65e-3, 210e-3)]
    [InlineData(0x9, 260e-3, 900e-3)]
    [InlineData(0xA, 1, 3.5)]
    [InlineData(0xD, 4, 13)]
    [InlineData(0xE, 17, 64)]
    [InlineData(0x7, 50e-6, 50e-3)]
    public void DeviceControl2ChoosesTheRange(int value, double shortestSeconds, double longestSeconds)
    {
        Assert.Equal(new CompletionTimeout(SimTime.FromSeconds(shortestSeconds), SimTime.FromSeconds(longestSeconds)), CompletionTimeout.FromDeviceControl2((ushort)value));
    }

    [Fact]
    public void NothingIsAllocatedAfterTheFirstRequest()
    {
        var table = NewTable();
        Exchange(table, 100);
        Assert.Equal(0, Allocation.Of(() => Exchange(table, 2000)));
    }

    private void Exchange(TransactionTable<int> table, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var request = Tlp.MemoryRead(Requester, 0, 0x1004, 700);
            table.TryBegin(ref request, i, new SimTime(i));
            foreach (var part in new CompletionSplitter(request, 128, 64))
            {
                var completion = Tlp.CompletionWithData(request, Completer, part.OffsetDw, part.LengthDw, _pool);
                table.Complete(completion, out _, out _);
                completion.Release(_pool);
            }
        }
        if (table.Outstanding != 0) throw new InvalidOperationException("not all completed");
    }

    private static TransactionTable<int> NewTable() => new(new TagPool(TagWidth.FiveBits), Timeout);

    private static Tlp Begin(TransactionTable<int> table, ulong address, int length)
    {
        var request = Tlp.MemoryRead(Requester, 0, address, length);
        Assert.True(table.TryBegin(ref request, 0, SimTime.Zero));
        return request;
    }

    private Queue<Tlp> Answer(Tlp request, byte[] memory)
    {
        var answer = new Queue<Tlp>();
        foreach (var part in new CompletionSplitter(request, 128, 64))
        {
            var completion = Tlp.CompletionWithData(request, Completer, part.OffsetDw, part.LengthDw, _pool);
            memory.AsSpan((int)request.Address + part.OffsetDw * 4, part.LengthDw * 4).CopyTo(completion.WritablePayload);
            answer.Enqueue(completion);
        }
        return answer;
    }
}
