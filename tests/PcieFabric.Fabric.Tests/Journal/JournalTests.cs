using PcieFabric.Input;
using PcieFabric.Journals;
using PcieFabric.Memory;
using PcieFabric.Tlps;
using PcieFabric.Units;

namespace PcieFabric.Fabric.Tests.Journal;

public class JournalTests
{
    private static readonly JournalRun Run = new("PcieFabric test", 42, JournalSubject.Experiment, JournalLevel.Messages, 1000, 100,
        [new JournalSource("experiments/a.yaml", "name: a\ntopology: ../b.yaml\n"), new JournalSource("b.yaml", "name: bé\n")], ["seed=7", "topology.hosts.0.name=other"]);

    private static readonly string[] Actors = ["host0", "host0/rp0", "host0/rp0/card"];
    private static readonly JournalChannel[] Channels = [new(0, 0, 0), new(0, 1, 3), new(1, 2, 65535), new(2, 1, 1)];
    private static readonly JournalTotals Totals = new(6, 2_500, 0xFEDC_BA98_7654_3210);

    private static readonly JournalMessage[] Messages =
    [
        new(5, 0, 3, 0, new byte[] { 1 }),
        new(5, 1, 1, 77, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }),
        new(300, 2, 1, uint.MaxValue, new byte[] { 0 }),
        new(1_100, 3, 2, 0, ReadOnlyMemory<byte>.Empty),
        new(2_400, 0, ushort.MaxValue, 1, Enumerable.Range(0, 300).Select(i => (byte)i).ToArray()),
        new(2_500, 0, 3, 0, new byte[] { 255 }),
    ];

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        using var journal = Open(Small());

        Assert.Equal(Run.Producer, journal.Run.Producer);
        Assert.Equal((Run.Seed, Run.Level, Run.DigestIntervalPs, Run.DigestWindowPs), (journal.Run.Seed, journal.Run.Level, journal.Run.DigestIntervalPs, journal.Run.DigestWindowPs));
        Assert.Equal(Run.Sources, journal.Run.Sources);
        Assert.Equal(Run.Overrides, journal.Run.Overrides);
        Assert.Equal(Actors, journal.Actors);
        Assert.Equal(Channels, journal.Channels);
        Assert.Equal(Totals, journal.Totals);
        Assert.False(journal.IsTruncated);
        AssertSame(Messages, journal.Messages());
        AssertSame(Messages[..2], journal.Inputs());
        var digests = journal.Blocks.Single(b => b.Header.Kind == BlockKind.Digests);
        Assert.Equal((0L, 1000L), (digests.Header.FromPs, digests.Header.ToPs));
        Assert.Equal([new ActorDigest(0, 1), new ActorDigest(2, ulong.MaxValue)], journal.Digests(digests));
        journal.Verify();
    }

    [Fact]
    public void ATimeIsFoundWithoutReadingWhatIsBeforeIt()
    {
        var stream = Long(100_000);
        using var journal = Open(stream);
        stream.BytesRead = 0;

        var found = journal.Messages(new SimTime(990_000), new SimTime(990_050)).Select(m => m.DeliveredAtPs).ToList();

        Assert.Equal([990_000, 990_010, 990_020, 990_030, 990_040], found);
        Assert.True(stream.Length > 2_000_000);
        Assert.InRange(stream.BytesRead, 1, 300_000);
    }

    [Fact]
    public void AJournalIsOpenedWithoutReadingItsBlocks()
    {
        using var stream = Long(100_000);
        stream.BytesRead = 0;

        using var journal = Open(stream);

        Assert.InRange(journal.Blocks.Count, 10, 100);
        Assert.InRange(stream.BytesRead, 1, 4_000);
    }

    [Fact]
    public void DamageIsNoMatterToWhoReadsSomethingElse()
    {
        var bytes = Long(100_000).ToArray();
        JournalBlock damaged;
        using (var whole = Open(bytes)) damaged = whole.Blocks.First(b => b.Header.Kind == BlockKind.Messages);
        bytes[damaged.Offset + 1_000] ^= 1;
        using var journal = Open(bytes);

        Assert.Equal([990_000], journal.Messages(new SimTime(990_000), new SimTime(990_001)).Select(m => m.DeliveredAtPs));
        Assert.Contains($"block {damaged.Header.Index} (messages", Assert.Throws<InputException>(() => journal.Messages().Count()).Line);
        bytes[damaged.Offset + 1_000] ^= 1;
        bytes[damaged.Offset + 3] ^= 1;
        Assert.Contains($"the header of block {damaged.Header.Index} ", Assert.Throws<InputException>(() => journal.Messages().Count()).Line);
    }

    [Fact]
    public void APayloadOfAnEarlierBlockIsFoundFromTheMiddle()
    {
        var bytes = WithPayloads();
        JournalBlock first;
        using (var whole = Open(bytes)) first = whole.Blocks.First(b => b.Header.Kind == BlockKind.Messages);
        using (var journal = Open(bytes))
        {
            var later = journal.Messages(new SimTime(1_000)).ToList();
            Assert.Equal(3_000, later.Count);
            Assert.Equal(journal.Messages(until: new SimTime(1_000)).Select(m => Convert.ToHexString(m.Body.Span)), later.Select(m => Convert.ToHexString(m.Body.Span)));
        }

        // Nobody can say what such a message was once the block that has its data is damaged: that block is named.
        bytes[first.Offset + 1_000] ^= 1;
        using var damaged = Open(bytes);
        Assert.Contains($"block {first.Header.Index} (messages", Assert.Throws<InputException>(() => damaged.Messages(new SimTime(1_000)).Count()).Line);
    }

    [Fact]
    public void AnotherVersionIsNamed()
    {
        var old = Small();
        old[8] = 3;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(old.AsSpan(12), Crc32C.Of(old.AsSpan(0, 12)));

        Assert.Contains("format version 3, where this build reads 4", Assert.Throws<InputException>(() => Open(old)).Line);
    }

    [Fact]
    public void AfterAFailureTheJournalEndsWithTheLastWholeBlock()
    {
        var stream = new FullStream(600_000);
        var writer = new JournalWriter(stream, Run, Actors, Channels);
        var body = new byte[100];
        var failure = Assert.Throws<IOException>(() =>
        {
            for (var i = 0; i < 20_000; i++) writer.AddMessage(new MessageHead(i, 1, 3, 0), body);
        });

        Assert.Same(failure, Assert.Throws<IOException>(writer.Flush));
        using var journal = Open(stream.ToArray());
        Assert.True(journal.IsTruncated);
        Assert.InRange(journal.Messages().Count(), 1_000, 6_000);
    }

    [Fact]
    public void EveryByteThatIsFlippedIsFoundAndNamed()
    {
        var journal = Small();
        foreach (var flip in new byte[] { 0x01, 0x80, 0xFF })
        {
            for (var at = 0; at < journal.Length; at++)
            {
                var damaged = (byte[])journal.Clone();
                damaged[at] ^= flip;

                var wrong = Assert.Throws<InputException>(() =>
                {
                    using var reader = Open(damaged);
                    reader.Verify();
                });

                Assert.StartsWith("test.pfj: ", wrong.Line);
                var (first, last) = NamedBytes(wrong.Message);
                Assert.True(first <= at && at <= last, $"byte {at} is not in {first} to {last}: {wrong.Line}");
            }
        }
    }

    [Fact]
    public void EveryBlockThatIsDroppedOrRepeatedIsFound()
    {
        var journal = Small();
        using var reader = Open(journal);
        foreach (var block in reader.Blocks.SkipLast(1))
        {
            var (start, end) = ((int)block.Offset, (int)block.End);
            Assert.Throws<InputException>(() => Open([.. journal[..start], .. journal[end..]]));
            Assert.Throws<InputException>(() => Open([.. journal[..end], .. journal[start..]]));
        }
    }

    [Fact]
    public void CutAtAnyByteItIsReadUpToTheLastWholeBlock()
    {
        var journal = Small();
        using var whole = Open(journal);
        var tables = whole.Blocks[2].End;
        for (var length = 0; length < journal.Length; length++)
        {
            if (length < tables)
            {
                var wrong = Assert.Throws<InputException>(() => Open(journal[..length]));
                Assert.Contains(length == 0 ? "empty" : "cut off after", wrong.Line);
                continue;
            }
            using var cut = Open(journal[..length]);
            Assert.True(cut.IsTruncated);
            Assert.Null(cut.Totals);
            Assert.Equal(whole.Blocks.Where(b => b.End <= length), cut.Blocks);
            Assert.Contains("ends early", cut.TruncationNotice);
            cut.Verify();
            AssertSame(Messages[..cut.Messages().Count()], cut.Messages());
        }
    }

    [Fact]
    public void WhatFollowsTheEndIsFound()
    {
        Assert.Contains("follow the end block", Assert.Throws<InputException>(() => Open([.. Small(), 0])).Line);
        Assert.Contains("follow the end block", Assert.Throws<InputException>(() => Open([.. Small(), .. Small()])).Line);
    }

    [Theory]
    [InlineData("name: minimal\n")]
    [InlineData("\u0089PFJ\n\u001a\n")]
    public void AnotherFileIsNoJournal(string text) =>
        Assert.Contains("not a journal", Assert.Throws<InputException>(() => Open(System.Text.Encoding.Latin1.GetBytes(text))).Line);

    [Fact]
    public void RandomBytesBehindTheMagicNeverDoWorseThanAMessage()
    {
        var journal = Small();
        var state = 12345u;
        for (var round = 0; round < 2000; round++)
        {
            var broken = journal[..(int)(Next() % journal.Length)].Concat(Enumerable.Range(0, (int)(Next() % 100)).Select(_ => (byte)Next())).ToArray();
            try
            {
                using var reader = Open(broken);
                reader.Verify();
                Assert.True(reader.Messages().Count() <= Messages.Length);
            }
            catch (InputException)
            {
            }
        }

        uint Next()
        {
            state = state * 1664525 + 1013904223;
            return state >> 8;
        }
    }

    [Fact]
    public void TheChecksumIsThePublishedOne()
    {
        // RFC 3720 section B.4.
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
    }

    [Fact]
    public void TheChecksumOfABodyFindsEveryFlippedByteAndEveryLength()
    {
        var known = new HashSet<uint>();
        for (var length = 0; length < 100; length++)
        {
            var bytes = Enumerable.Range(1, length).Select(i => (byte)i).ToArray();
            var checksum = Crc32C.OfQuarters(bytes);
            Assert.True(known.Add(checksum));
            for (var at = 0; at < length; at++)
            {
                for (var flip = 1; flip < 256; flip++)
                {
                    bytes[at] ^= (byte)flip;
                    Assert.NotEqual(checksum, Crc32C.OfQuarters(bytes));
                    bytes[at] ^= (byte)flip;
                }
            }
        }
    }

    private static CountingStream Long(int messages)
    {
        var stream = new CountingStream();
        var writer = new JournalWriter(stream, Run, Actors, Channels);
        for (var i = 0; i < messages; i++) writer.AddMessage(new MessageHead(i * 10, i % 4, 1, 0), new byte[16]);
        writer.Finish(Totals);
        return stream;
    }

    /// <summary>Three thousand TLPs of 128 bytes, in more than one block, and once more at a later time.</summary>
    private static byte[] WithPayloads()
    {
        var stream = new MemoryStream();
        var writer = new JournalWriter(stream, Run, Actors, Channels);
        var (pool, payloads) = (new PayloadPool(), new PayloadNumbers());
        Tlp[] tlps = [.. Enumerable.Range(0, 3_000).Select(i => Tlp.MemoryWrite(default, (ulong)i << 8, Enumerable.Repeat((byte)i, 128).ToArray(), pool))];
        foreach (var atPs in new[] { 500, 1_500 })
            foreach (ref readonly var tlp in tlps.AsSpan()) writer.AddMessage(new MessageHead(atPs, 1, 1, 0), in tlp, payloads.PlaceOf(tlp.PayloadIdentity));
        writer.Finish(Totals);
        Assert.InRange(stream.Length, 3_000 * 144, 3_000 * 160);
        return stream.ToArray();
    }

    private static byte[] Small()
    {
        var stream = new MemoryStream();
        var writer = new JournalWriter(stream, Run, Actors, Channels);
        foreach (var message in Messages[..2]) writer.AddInput(message.Head, message.Body.Span);
        foreach (var message in Messages[..3]) writer.AddMessage(message.Head, message.Body.Span);
        writer.Flush();
        writer.AddDigests(0, 1000, [new ActorDigest(0, 1), new ActorDigest(2, ulong.MaxValue)]);
        foreach (var message in Messages[3..]) writer.AddMessage(message.Head, message.Body.Span);
        writer.Finish(Totals);
        Assert.Equal(stream.Length, writer.BytesWritten);
        return stream.ToArray();
    }

    private static JournalReader Open(byte[] bytes) => Open(new MemoryStream(bytes));

    private static JournalReader Open(Stream stream) => new(stream, "test.pfj");

    /// <summary>The range that a message names; the message about the preamble names part of it for each of its two reasons.</summary>
    private static (int First, int Last) NamedBytes(string message)
    {
        var match = System.Text.RegularExpressions.Regex.Match(message, @"bytes (\d+) to (\d+)|\((\d+) to (\d+)\)");
        Assert.True(match.Success, message);
        var numbers = match.Groups.Values.Skip(1).Where(g => g.Success).Select(g => int.Parse(g.Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1]);
    }

    private static void AssertSame(JournalMessage[] expected, IEnumerable<JournalMessage> actual)
    {
        var at = 0;
        foreach (var message in actual) Assert.True(expected[at++].Matches(in message));
        Assert.Equal(expected.Length, at);
    }

    private sealed class CountingStream : MemoryStream
    {
        public long BytesRead { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var read = base.Read(buffer);
            BytesRead += read;
            return read;
        }
    }

    private sealed class FullStream(int capacity) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > capacity) throw new IOException("no space");
            base.Write(buffer);
        }
    }
}
