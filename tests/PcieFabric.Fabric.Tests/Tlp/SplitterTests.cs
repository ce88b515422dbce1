using PcieFabric.Memory;
using PcieFabric.Tlps;
using Xunit.Abstractions;

namespace PcieFabric.Fabric.Tests.Tlps;

public sealed class SplitterTests(ITestOutputHelper output)
{
    private readonly PayloadPool _pool = new();

    [Fact]
    public void RequestsCoverEveryByteOnceInLegalPieces()
    {
        var random = TestSeed.Random(output);
        var bytes = new byte[20_000];
        random.NextBytes(bytes);
        for (var run = 0; run < 4000; run++)
        {
            var address = (run % 2 == 0 ? 0xFFFF_F000ul - 8192 : 0x1_0000_0000) + (ulong)random.Next(8192);
            var length = run % 100 == 0 ? 0 : random.Next(1, random.Next(2) == 0 ? 300 : bytes.Length);
            var most = 128 << random.Next(6);
            var written = new Dictionary<ulong, byte>();
            long expectedOffset = 0;
            foreach (var part in new RequestSplitter(address, length, most))
            {
                Assert.Equal(expectedOffset, part.OffsetBytes);
                Assert.Equal(address + (ulong)expectedOffset, part.Address);
                expectedOffset += part.LengthBytes;
                var write = Tlp.MemoryWrite(default, part.Address, bytes.AsSpan((int)part.OffsetBytes, part.LengthBytes), _pool);
                Assert.Equal(TlpViolation.None, TlpRules.Check(write, new TlpLimits(most)));
                Assert.Equal(TlpViolation.None, TlpRules.Check(Tlp.MemoryRead(default, 0, part.Address, part.LengthBytes), new TlpLimits(128, most)));
                Store(write, written);
                write.Release(_pool);
            }
            Assert.Equal(length, written.Count);
            for (var i = 0; i < length; i++) Assert.Equal(bytes[i], written[address + (ulong)i]);
        }
    }

    [Theory]
    [InlineData(0x1000, 1024, 256, 4)]
    [InlineData(0x1040, 256, 256, 1)]
    [InlineData(0x1001, 256, 256, 2)]
    [InlineData(0x1FFF, 2, 256, 2)]
    [InlineData(0x1000, 1, 128, 1)]
    [InlineData(0x1F80, 4096, 4096, 2)]
    public void ATransferTakesTheFewestRequests(ulong address, int length, int most, int expected)
    {
        var count = 0;
        foreach (var _ in new RequestSplitter(address, length, most)) count++;
        Assert.Equal(expected, count);
    }

    [Fact]
    public void CompletionsCarryEveryByteOnceAndCountThemDown()
    {
        var random = TestSeed.Random(output);
        var memory = new byte[4096];
        random.NextBytes(memory);
        for (var run = 0; run < 20_000; run++)
        {
            var start = random.Next(4096);
            var length = random.Next(1, 1 + Math.Min(4096 - start, run % 3 == 0 ? 4096 : 200));
            int maxPayload = 128 << random.Next(6), boundary = 64 << random.Next(2);
            var request = Tlp.MemoryRead(new(1, 0, 0), 5, 0x1_0000_0000 + (ulong)start, length);
            var received = new List<byte>();
            var ends = new List<int>();
            foreach (var part in new CompletionSplitter(request, maxPayload, boundary))
            {
                var completion = Tlp.CompletionWithData(request, new(2, 0, 0), part.OffsetDw, part.LengthDw, _pool);
                memory.AsSpan((start & ~3) + part.OffsetDw * 4, part.LengthDw * 4).CopyTo(completion.WritablePayload);
                Assert.Equal(TlpViolation.None, TlpRules.Check(completion, new TlpLimits(maxPayload)));
                // Independent of the factory: what is left, and where the next byte lies.
                Assert.Equal(length - received.Count, completion.ByteCount);
                Assert.Equal((start + received.Count) & 0x7F, completion.LowerAddress);
                var lead = completion.LowerAddress & 3;
                received.AddRange(completion.Payload[lead..Math.Min(completion.PayloadBytes, lead + completion.ByteCount)]);
                ends.Add(start + received.Count);
                completion.Release(_pool);
            }
            Assert.Equal(memory.AsSpan(start, length).ToArray(), received);
            Assert.All(ends.SkipLast(1), end => Assert.Equal(0, end % boundary));
        }
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void AlignedReadsAreAnsweredAtFullPayloadSize()
    {
        var request = Tlp.MemoryRead(default, 0, 0x1000, 512);
        var parts = new List<CompletionPart>();
        foreach (var part in new CompletionSplitter(request, 256, 64)) parts.Add(part);
        Assert.Equal([new(0, 64), new(64, 64)], parts);
    }

    [Fact]
    public void AnAtomicIsAnsweredByOneOperand()
    {
        var request = Tlp.Atomic(AtomicOperation.CompareAndSwap, default, 0, 0x1000, new byte[32], _pool);
        var parts = new List<CompletionPart>();
        foreach (var part in new CompletionSplitter(request, 128, 128)) parts.Add(part);
        Assert.Equal([new(0, 4)], parts);
        var completion = Tlp.CompletionWithData(request, default, 0, 4, _pool);
        Assert.Equal(16, completion.ByteCount);
        Assert.Equal(TlpViolation.None, TlpRules.Check(completion, new TlpLimits(128)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(64)]
    [InlineData(8192)]
    public void SizesThatTheRegisterCannotHoldAreRefused(int bytes)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestSplitter(0, 1, bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompletionSplitter(Tlp.MemoryRead(default, 0, 0, 4), bytes, 64));
    }

    [Fact]
    public void SkippedRequestsLeadWhereMovingDoes()
    {
        var random = TestSeed.Random(output);
        for (var run = 0; run < 500; run++)
        {
            var moved = new RequestSplitter((ulong)random.Next(1 << 20), random.Next(20_000, 100_000), 128 << random.Next(6));
            moved.MoveNext();
            var skipped = moved;
            for (var parts = random.Next(5); parts > 0; parts--) moved.MoveNext();
            skipped.Skip(moved.Current.OffsetBytes - skipped.Current.OffsetBytes, moved.Current.LengthBytes);
            Assert.Equal((moved.Current, moved.LeftBytes, moved.Phase), (skipped.Current, skipped.LeftBytes, skipped.Phase));
            while (moved.MoveNext() && skipped.MoveNext()) Assert.Equal(moved.Current, skipped.Current);
            Assert.Equal(moved.LeftBytes, skipped.LeftBytes);
        }
    }

    /// <summary>A memory that obeys byte enables and knows nothing else.</summary>
    private static void Store(in Tlp write, Dictionary<ulong, byte> memory)
    {
        for (var i = 0; i < write.PayloadBytes; i++)
        {
            var enables = i < 4 ? write.FirstBe : i >= write.PayloadBytes - 4 ? write.LastBe : 15;
            if ((enables >> (i & 3) & 1) != 0) memory.Add(write.Address + (ulong)i, write.Payload[i]);
        }
    }
}
